import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KEY_BYTES, Keyring, type MasterKey } from "../domain/storage/keyring.ts";
import { ensureOwnDirectory, writeOwnFile } from "../internal/own-directory.ts";
import { StartError } from "../internal/start-error.ts";

/**
 * The master keys: the setting, else `keys/encryption-key` (0600), made when it is not there. To change the key of the file,
 * put a line with a new one before the others; a line is no longer needed once the log says that all data keys were rewrapped.
 * @throws StartError when they have a wrong form. Their text is in no message.
 */
export async function encryptionKeys(given: string | null, keysDir: string): Promise<Keyring> {
  const found = await readEncryptionKeys(given, keysDir);
  if (found !== null) return found;
  const path = join(keysDir, "encryption-key");
  await ensureOwnDirectory(keysDir, 0o700);
  const key = { id: `k${Date.now().toString(36)}`, secret: randomBytes(KEY_BYTES) };
  await writeOwnFile(path, `${key.id}:${key.secret.toString("base64")}\n`, 0o600);
  return new Keyring([key]);
}

/** The same, but none is made: null when there is none. @throws StartError when they have a wrong form. */
export async function readEncryptionKeys(given: string | null, keysDir: string): Promise<Keyring | null> {
  if (given !== null) return keyringOf(given.split(","), "TDA_ENCRYPTION_KEYS");
  const path = join(keysDir, "encryption-key");
  const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new StartError(`${path} cannot be read (${error.code}).`, { cause: error });
  });
  return found === null ? null : parseEncryptionKeys(found, path);
}

/** The keys of a file of them. @throws StartError when they have a wrong form. */
export function parseEncryptionKeys(text: string, where = "encryption-key"): Keyring {
  return keyringOf(text.split("\n"), where);
}

function keyringOf(texts: readonly string[], where: string): Keyring {
  const keys = texts.map((text) => text.trim()).filter((text) => text !== "" && !text.startsWith("#"));
  try {
    return new Keyring(keys.map(keyOf));
  } catch (error) {
    throw new StartError(
      `${where} must be keys of the form id:base64, each of ${KEY_BYTES} bytes (\`openssl rand -base64 32\`) under an id of its own of letters, digits, dots and dashes.`,
      { cause: error },
    );
  }
}

function keyOf(text: string): MasterKey {
  const colon = text.indexOf(":");
  const encoded = text.slice(colon + 1);
  const secret = Buffer.from(encoded, "base64");
  // Buffer.from passes over what is no base64.
  if (secret.toString("base64").replace(/=+$/, "") !== encoded.replace(/=+$/, "")) throw new RangeError("not base64");
  return { id: text.slice(0, Math.max(colon, 0)), secret };
}
