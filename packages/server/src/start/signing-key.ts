import { createPrivateKey, generateKeyPair } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureOwnDirectory, writeOwnFile } from "../internal/own-directory.ts";
import { StartError } from "../internal/start-error.ts";

const rsaBits = 3072;
const minimumRsaBits = 2048;

/**
 * The private key of the built-in issuer: the setting, else `keys/jwt-signing.pem` (0600), made when it is not there.
 * @throws StartError when the file holds no such key.
 */
export async function signingKey(given: string | null, keysDir: string): Promise<string> {
  if (given !== null) return given;
  const path = join(keysDir, "jwt-signing.pem");
  await ensureOwnDirectory(keysDir, 0o700);
  const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new StartError(`${path} cannot be read (${error.code}).`, { cause: error });
  });
  if (found !== null) return checked(found, path);
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: rsaBits });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeOwnFile(path, pem, 0o600);
  return pem;
}

function checked(pem: string, path: string): string {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= minimumRsaBits) return pem;
  } catch {
    // Not a key at all: the sentence below says so.
  }
  throw new StartError(
    `${path} is not an RSA private key of at least ${minimumRsaBits} bits: restore it, or remove it to get a new one.`,
  );
}
