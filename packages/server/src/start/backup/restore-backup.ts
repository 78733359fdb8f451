import { join } from "node:path";
import type { BackupReader } from "../../adapters/backup/backup-reader.ts";
import type { Manifest } from "../../adapters/backup/manifest.ts";
import { placeKeys } from "../../adapters/backup/sealed-keys.ts";
import { loadDatabase } from "../../adapters/database/backup/load.ts";
import { loadSettings } from "../../config/settings.ts";
import type { BlobStore } from "../../domain/storage/blob-store.ts";
import type { Keyring } from "../../domain/storage/keyring.ts";
import { createLogger } from "../../internal/logger.ts";
import { ensureSharedDirectory } from "../../internal/own-directory.ts";
import { StartError } from "../../internal/start-error.ts";
import { openBlobStore } from "../dataset-storage.ts";
import { readEncryptionKeys } from "../encryption-keys.ts";
import { accessForRestore } from "./owner-access.ts";
import { type BackupOptions, type BackupSummary, summaryOf } from "./summary.ts";
import { checkedBackup } from "./verify-backup.ts";

/**
 * Restores a backup into an empty data folder and database: first everything is checked, then keys, objects and tables come, in this
 * order, and the tables in one transaction; so that what a server finds is whole, and a restore that was cut short can be repeated.
 * @throws BackupDamaged, SettingsError, StartError with one sentence; the database is then as empty as it was.
 */
export async function restoreBackup(options: BackupOptions): Promise<BackupSummary> {
  const settings = loadSettings(
    options.env,
    options.workingDir === undefined ? {} : { workingDir: options.workingDir },
  );
  const logger = createLogger({ level: "warn", format: "auto", stream: process.stderr });
  const { reader, files } = await checkedBackup(options);
  const { manifest } = reader;
  if (manifest.keys !== null && files === null) {
    throw new StartError("The backup has the keys under a passphrase: give it by --passphrase-file.");
  }
  await ensureSharedDirectory(settings.dataDir);
  const keysDir = join(settings.dataDir, "keys");
  const access = await accessForRestore(settings, logger);
  try {
    const blobs = await openBlobStore(settings);
    const schemaVersion = await loadDatabase(access.owner, {
      manifest,
      read: (part) => reader.read(part),
      applicationRole: access.applicationRole,
      beforeTables: async () => {
        if (files !== null) await placeKeys(keysDir, files);
        await requireKeys(manifest, await readEncryptionKeys(settings.encryptionKeys, keysDir));
        await restoreBlobs(reader, blobs, options.onPart);
      },
      logger,
    }).finally(() => blobs.close());
    return { ...summaryOf(options.folder, manifest), schemaVersion };
  } finally {
    await access.close();
  }
}

/** Data without their key would be restored to be lost. */
async function requireKeys({ masterKeyIds }: Manifest, keyring: Keyring | null): Promise<void> {
  const missing = masterKeyIds.filter((id) => keyring?.ids.includes(id) !== true);
  if (missing.length === 0) return;
  throw new StartError(
    `The backup has data that are encrypted under ${missing.join(", ")}, and this key is not here: put the file encryption-key into keys/ of the data folder, or set TDA_ENCRYPTION_KEYS.`,
  );
}

async function restoreBlobs(
  reader: BackupReader,
  blobs: BlobStore,
  onPart: ((file: string) => void) | undefined,
): Promise<void> {
  for await (const entry of reader.blobs()) {
    onPart?.(entry.file);
    const stored = await blobs.put({ projectId: entry.projectId, id: entry.id }, reader.read(entry));
    if (stored !== entry.bytes)
      throw new StartError(`The store kept ${stored} bytes of ${entry.file}, which has ${entry.bytes}.`);
  }
}
