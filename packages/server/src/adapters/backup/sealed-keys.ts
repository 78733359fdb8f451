import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { ensureOwnDirectory, writeOwnFile } from "../../internal/own-directory.ts";
import { StartError } from "../../internal/start-error.ts";
import { BackupDamaged, KEYS } from "./manifest.ts";

/** The files of `keys/`, by name. */
export type KeyFiles = ReadonlyMap<string, Buffer>;

interface SealedKeys {
  readonly format: 1;
  readonly scrypt: { readonly cost: number; readonly blockSize: number; readonly salt: string };
  readonly nonce: string;
  readonly sealed: string;
}

/** 128 MiB and about half a second a guess (OWASP's first choice for scrypt). */
const SCRYPT = { cost: 131_072, blockSize: 8, parallelization: 1 } as const;
const MAX_COST = 1_048_576;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";
export const PASSPHRASE_MINIMUM = 12;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** The plain files of a folder of keys; drafts and other things are left out. */
export async function readKeyFiles(keysDir: string): Promise<KeyFiles> {
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(keysDir).catch(() => [] as string[])).sort()) {
    if (name.startsWith(".") || !(await lstat(join(keysDir, name))).isFile()) continue;
    files.set(name, await readFile(join(keysDir, name)));
  }
  return files;
}

/** Encrypts key files under a passphrase: scrypt, then AES-256-GCM. @throws StartError when it is too short. */
export async function sealKeys(files: KeyFiles, passphrase: string): Promise<string> {
  if (passphrase.length < PASSPHRASE_MINIMUM) {
    throw new StartError(`The passphrase must have at least ${PASSPHRASE_MINIMUM} characters: it protects every key.`);
  }
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const plain = JSON.stringify(Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString("base64")])));
  const cipher = createCipheriv(ALGORITHM, await keyOf(passphrase, salt, SCRYPT.cost, SCRYPT.blockSize), nonce);
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  const document: SealedKeys = {
    format: 1,
    scrypt: { cost: SCRYPT.cost, blockSize: SCRYPT.blockSize, salt: salt.toString("base64") },
    nonce: nonce.toString("base64"),
    sealed: sealed.toString("base64"),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** @throws BackupDamaged when it is no such file; StartError for another passphrase. */
export async function openKeys(text: string, passphrase: string): Promise<KeyFiles> {
  let document: SealedKeys;
  try {
    document = JSON.parse(text) as SealedKeys;
  } catch {
    throw new BackupDamaged(KEYS, "is not JSON");
  }
  const { cost, blockSize, salt } = document.scrypt;
  if (document.format !== 1 || cost > MAX_COST || blockSize > 32)
    throw new BackupDamaged(KEYS, "is of a newer release");
  const sealed = Buffer.from(document.sealed, "base64");
  const key = await keyOf(passphrase, Buffer.from(salt, "base64"), cost, blockSize);
  const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(document.nonce, "base64"), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new StartError("The keys in the backup do not open with this passphrase.", { cause: error });
  }
  const files = JSON.parse(plain.toString("utf8")) as Record<string, string>;
  return new Map(Object.entries(files).map(([name, bytes]) => [basename(name), Buffer.from(bytes, "base64")]));
}

/** Writes key files into a folder of keys. One that is there must be the same: keys in use are never replaced. @throws StartError */
export async function placeKeys(keysDir: string, files: KeyFiles): Promise<void> {
  await ensureOwnDirectory(keysDir, 0o700);
  const present = await readKeyFiles(keysDir);
  for (const [name, bytes] of files) {
    const found = present.get(name);
    if (found !== undefined && !found.equals(bytes)) {
      throw new StartError(
        `${join(keysDir, name)} is there already and is another key: restore into an empty data folder.`,
      );
    }
  }
  for (const [name, bytes] of files) {
    if (!present.has(name)) await writeOwnFile(join(keysDir, name), bytes, 0o600);
  }
}

async function keyOf(passphrase: string, salt: Buffer, cost: number, blockSize: number): Promise<Buffer> {
  const maxmem = 256 * cost * blockSize;
  return await derive(passphrase.normalize("NFC"), salt, KEY_BYTES, { cost, blockSize, parallelization: 1, maxmem });
}
