import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureOwnDirectory, ensureSharedDirectory, writeOwnFile } from "./own-directory.ts";
import { StartError } from "./start-error.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tda-own-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const mode = (path: string) => statSync(path).mode & 0o777;

test("a folder of ours gets its mode whatever the umask, and keeps it", async () => {
  const old = process.umask(0o077);
  try {
    await ensureOwnDirectory(join(dir, "open"), 0o711);
  } finally {
    process.umask(old);
  }
  expect(mode(join(dir, "open"))).toBe(0o711);
  await ensureOwnDirectory(join(dir, "open"), 0o700);
  expect(mode(join(dir, "open"))).toBe(0o700);
});

test("a link, a file, or a folder that others can change is refused", async () => {
  mkdirSync(join(dir, "elsewhere"));
  symlinkSync(join(dir, "elsewhere"), join(dir, "link"));
  writeFileSync(join(dir, "file"), "");
  mkdirSync(join(dir, "shared"));
  chmodSync(join(dir, "shared"), 0o777);
  for (const name of ["link", "file", "shared"]) {
    await expect(ensureOwnDirectory(join(dir, name), 0o700), name).rejects.toThrow(StartError);
  }
  expect(mode(join(dir, "shared"))).toBe(0o777);
});

test("a folder that may hold foreign files stays as it is", async () => {
  chmodSync(dir, 0o750);
  await ensureSharedDirectory(dir);
  expect(mode(dir)).toBe(0o750);
  writeFileSync(join(dir, "file"), "");
  await expect(ensureSharedDirectory(join(dir, "file", "below"))).rejects.toThrow(StartError);
});

test("a file is written whole, with its mode, and follows no link", async () => {
  const victim = join(dir, "victim");
  writeFileSync(victim, "theirs");
  symlinkSync(victim, join(dir, "ours"));
  await writeOwnFile(join(dir, "ours"), "content", 0o600);
  expect(readFileSync(victim, "utf8")).toBe("theirs");
  expect(readFileSync(join(dir, "ours"), "utf8")).toBe("content");
  expect(mode(join(dir, "ours"))).toBe(0o600);
  expect(readdirSync(dir).sort()).toEqual(["ours", "victim"]);
});
