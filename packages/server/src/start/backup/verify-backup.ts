import { BackupReader } from "../../adapters/backup/backup-reader.ts";
import { BackupDamaged } from "../../adapters/backup/manifest.ts";
import { openKeys } from "../../adapters/backup/sealed-keys.ts";
import { DataCorrupt, type Keyring } from "../../domain/storage/keyring.ts";
import { openStored } from "../../domain/storage/sealed-blobs.ts";
import { parseEncryptionKeys } from "../encryption-keys.ts";
import { type BackupOptions, type BackupSummary, summaryOf } from "./summary.ts";

/**
 * Reads a whole backup: every length, hash and number of rows; and, with the passphrase, whether the keys open.
 * @throws BackupDamaged with the part that is wrong, StartError
 */
export async function verifyBackup(
  options: Pick<BackupOptions, "folder" | "passphrase" | "onPart">,
): Promise<BackupSummary> {
  const { reader } = await checkedBackup(options);
  return summaryOf(options.folder, reader.manifest);
}

export async function checkedBackup({
  folder,
  passphrase,
  onPart,
}: Pick<BackupOptions, "folder" | "passphrase" | "onPart">) {
  const reader = await BackupReader.open(folder);
  await reader.check(onPart);
  const { keys } = reader.manifest;
  const files =
    keys === null || passphrase === null ? null : await openKeys(await textOf(reader.read(keys)), passphrase);
  const keyFile = files?.get("encryption-key");
  if (keyFile !== undefined) await openBlobs(reader, parseEncryptionKeys(keyFile.toString("latin1")));
  return { reader, files };
}

/** Opens every object whose master key is in the backup: that its bytes are what they were does not say that they can be read. */
async function openBlobs(reader: BackupReader, keyring: Keyring): Promise<void> {
  for await (const entry of reader.blobs()) {
    const { projectId, id, contentBytes: bytes, masterKeyId, wrappedKey } = entry;
    if (!keyring.ids.includes(masterKeyId)) continue;
    const key = { masterKeyId, bytes: Buffer.from(wrappedKey, "base64") };
    try {
      for await (const _frame of openStored(keyring, { projectId, id, bytes, key }, reader.read(entry)));
    } catch (error) {
      if (!(error instanceof DataCorrupt)) throw error;
      throw new BackupDamaged(entry.file, "does not open with its key");
    }
  }
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of content) parts.push(piece);
  return Buffer.concat(parts).toString("utf8");
}
