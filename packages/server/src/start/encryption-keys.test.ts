import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TemporaryDir, temporaryDir } from "../adapters/database/testing/temporary-dir.ts";
import { openValue, sealValue } from "../domain/storage/sealed-value.ts";
import { StartError } from "../internal/start-error.ts";
import { encryptionKeys } from "./encryption-keys.ts";

let dir: TemporaryDir;
let keysDir: string;
beforeEach(async () => {
  dir = await temporaryDir();
  keysDir = join(dir.path, "keys");
});
afterEach(async () => await dir.remove());

const key = (): string => randomBytes(32).toString("base64");
const value = Buffer.from("value");

it("makes a key at the first start, for its user alone, and takes it at the next", async () => {
  const first = await encryptionKeys(null, keysDir);
  const { mode } = await stat(join(keysDir, "encryption-key"));
  expect((mode & 0o777).toString(8)).toBe("600");
  const next = await encryptionKeys(null, keysDir);
  expect(openValue(next, "x", sealValue(first, "x", value))).toEqual(value);
});

it("takes a new key before the old one, from the file and from the setting", async () => {
  const old = await encryptionKeys(null, keysDir);
  const sealed = sealValue(old, "x", value);
  const path = join(keysDir, "encryption-key");
  const text = await readFile(path, "utf8");
  await writeFile(path, `# rotated\nnew:${key()}\n${text}`);
  const both = await encryptionKeys(null, keysDir);
  expect(both.ids).toEqual(["new", old.currentId]);
  expect(openValue(both, "x", sealed)).toEqual(value);
  const given = await encryptionKeys(` a:${key()}, ${text.trim()} `, keysDir);
  expect([given.currentId, openValue(given, "x", sealed)]).toEqual(["a", value]);
});

it.each(["", "a", "a:", ":AAAA", "a:AAAA", `a b:${key()}`, `a:${key()},a:${key()}`, `a:${key()}!`])(
  "refuses %j without repeating it",
  async (text) => {
    const refused = await encryptionKeys(text, keysDir).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartError);
    if (text.length > 8) expect((refused as Error).message).not.toContain(text.slice(2, 20));
  },
);
