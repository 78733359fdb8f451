import { join } from "node:path";
import { BackupWriter, pieces } from "../../adapters/backup/backup-writer.ts";
import { BLOB_LIST, type BlobEntry, type GoneBlob, KEYS, type Manifest } from "../../adapters/backup/manifest.ts";
import { readKeyFiles, sealKeys } from "../../adapters/backup/sealed-keys.ts";
import { dumpDatabase, isBlobKept, type NamedBlob } from "../../adapters/database/backup/dump.ts";
import { loadSettings } from "../../config/settings.ts";
import { BlobMissing, type BlobStore } from "../../domain/storage/blob-store.ts";
import { createLogger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";
import { openBlobStore } from "../dataset-storage.ts";
import { ownVersion } from "../own-version.ts";
import { accessForBackup } from "./owner-access.ts";
import type { BackupOptions, BackupSummary } from "./summary.ts";
import { summaryOf } from "./summary.ts";

/**
 * Writes a backup of everything that the server keeps: its tables as of one moment, the objects that they name, and the keys if
 * there is a passphrase for them. The server may run meanwhile.
 * @throws SettingsError, StartError with one sentence for whoever asked for it; then nothing is left behind.
 */
export async function createBackup(options: BackupOptions): Promise<BackupSummary> {
  const settings = loadSettings(
    options.env,
    options.workingDir === undefined ? {} : { workingDir: options.workingDir },
  );
  const logger = createLogger({ level: "warn", format: "auto", stream: process.stderr });
  const writer = await BackupWriter.begin(options.folder);
  let finish: () => Promise<void> = async () => undefined;
  try {
    const access = await accessForBackup(settings, logger);
    finish = access.close;
    const blobs = await openBlobStore(settings);
    const copied: CopiedBlobs = { entries: [], gone: [] };
    const dumped = await dumpDatabase(
      access.owner,
      (file, content) => {
        options.onPart?.(file);
        return writer.write(file, content);
      },
      (named) => copyBlobs(writer, blobs, named, copied, (name) => isBlobKept(access.owner, name), options.onPart),
    ).finally(() => blobs.close());
    const list = await writer.write(
      BLOB_LIST,
      pieces(copied.entries.map((entry) => `${JSON.stringify(entry)}\n`).join("")),
    );
    const keyFiles = await readKeyFiles(join(settings.dataDir, "keys"));
    const keys =
      options.passphrase === null
        ? null
        : await writer.write(KEYS, pieces(await sealKeys(keyFiles, options.passphrase)));
    const manifest: Manifest = {
      format: 1,
      createdAt: new Date().toISOString(),
      serverVersion: await ownVersion(),
      ...dumped,
      blobs: { ...partOf(list), count: copied.entries.length, gone: copied.gone },
      keys: keys === null ? null : partOf(keys),
    };
    const folder = await writer.finish(manifest);
    return summaryOf(folder, manifest, [...keyFiles.keys()]);
  } catch (error) {
    await writer.giveUp();
    throw error;
  } finally {
    await finish();
  }
}

function partOf({ file, bytes, sha256 }: { file: string; bytes: number; sha256: string }) {
  return { file, bytes, sha256 };
}

interface CopiedBlobs {
  readonly entries: BlobEntry[];
  readonly gone: GoneBlob[];
}

/** Copies the objects that the tables name. One that was deleted since the tables were read is noted; one that is lost is an error. */
async function copyBlobs(
  writer: BackupWriter,
  blobs: BlobStore,
  named: AsyncIterable<NamedBlob>,
  { entries, gone }: CopiedBlobs,
  isKept: (name: GoneBlob) => Promise<boolean>,
  onPart: ((file: string) => void) | undefined,
): Promise<void> {
  for await (const { projectId, id, bytes: contentBytes, masterKeyId, wrappedKey } of named) {
    const name = { projectId, id };
    const file = `blobs/${projectId}/${id}`;
    onPart?.(file);
    try {
      const part = partOf(await writer.write(file, blobs.get(name)));
      entries.push({ ...part, ...name, contentBytes, masterKeyId, wrappedKey: wrappedKey.toString("base64") });
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      if (await isKept(name)) {
        throw new StartError(
          `The object ${id} of the project ${projectId} is lost: the tables name it, and the store has it not.`,
        );
      }
      await writer.remove(file);
      gone.push(name);
    }
  }
}
