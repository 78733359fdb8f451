import { join } from "node:path";
import { blobProbe } from "../adapters/blobs/blob-probe.ts";
import { CircuitBlobStore } from "../adapters/blobs/circuit-store.ts";
import { FolderBlobStore } from "../adapters/blobs/folder-store.ts";
import type { Database } from "../adapters/database/open-database.ts";
import { DiskGuard } from "../adapters/disk/disk-guard.ts";
import type { Settings } from "../config/settings.ts";
import { UNLIMITED_DISK } from "../domain/datasets/disk-space.ts";
import { keepStorageMaintained } from "../domain/datasets/maintenance.ts";
import { createDatasetServices, type DatasetServices } from "../domain/datasets/services.ts";
import { requireStorage } from "../domain/limits/project-quotas.ts";
import type { DependencyProbe } from "../domain/ports.ts";
import type { BlobName, BlobStore } from "../domain/storage/blob-store.ts";
import type { Keyring } from "../domain/storage/keyring.ts";
import type { CircuitName } from "../internal/circuit.ts";
import type { Logger } from "../internal/logger.ts";

/** Where datasets are kept, and under which keys. */
export interface DatasetStorage {
  readonly services: DatasetServices;
  readonly keyring: Keyring;
  readonly probe: DependencyProbe;
  /** State of the object store's circuit breaker; null: a folder has none. */
  readonly circuit: (() => CircuitName) | null;
  /** Removes an object, whatever its record says. */
  deleteBlob(name: BlobName): Promise<void>;
  close(): Promise<void>;
}

export interface DatasetStorageOptions {
  readonly settings: Settings;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly logger: Logger;
  /** Whether this process does what is left to do across projects; one of an instance is enough. */
  readonly maintains: boolean;
}

/** Opens the store that the settings ask for. @throws StartError */
export async function openDatasetStorage(options: DatasetStorageOptions): Promise<DatasetStorage> {
  const { settings, database, keyring, logger } = options;
  const { store, circuit } = await openGuardedStore(settings, logger);
  const disk = await openDisk(settings, store, logger);
  const missing = await database.blobMaintenance.missingKeys(keyring.ids);
  if (missing.length > 0) {
    logger.error(
      { missing },
      "datasets are encrypted under master keys that this server was not given: set TDA_ENCRYPTION_KEYS",
    );
  }
  const services = createDatasetServices({
    ...database,
    store,
    keyring,
    disk: disk ?? UNLIMITED_DISK,
    settings,
    admission: {
      admit: (projectId, bytes) => requireStorage(settings.projectStorageBytes, database.held, projectId, bytes),
    },
    onFailure: (step, error) => logger.warn({ err: error, step }, "the storage could not be maintained"),
  });
  const closing = new AbortController();
  const maintenance = options.maintains ? keepStorageMaintained(services.maintenance, closing.signal) : null;
  return {
    services,
    keyring,
    probe: blobProbe(store, circuit),
    circuit,
    deleteBlob: (name) => store.delete(name),
    close: async () => {
      closing.abort();
      await maintenance;
      await services.close();
      await disk?.close();
      await store.close();
    },
  };
}

interface GuardedStore {
  readonly store: BlobStore;
  readonly circuit: (() => CircuitName) | null;
}

async function openGuardedStore(settings: Settings, logger: Logger): Promise<GuardedStore> {
  const store = await openBlobStore(settings);
  if (store.kind === "folder") return { store, circuit: null };
  const guarded = new CircuitBlobStore(store, logger);
  return { store: guarded, circuit: () => guarded.state };
}

export async function openBlobStore(settings: Settings): Promise<BlobStore> {
  const { blobStore, s3Bucket, dataDir } = settings;
  if (blobStore === "folder" || s3Bucket === null) return await FolderBlobStore.open(join(dataDir, "blobs"));
  // Loaded only where it is used: its client takes 13 MiB and a tenth of a second of every start.
  const { S3BlobStore } = await import("../adapters/blobs/s3-store.ts");
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = settings;
  return new S3BlobStore({
    bucket: s3Bucket,
    region: settings.s3Region,
    endpoint: settings.s3Endpoint,
    isPathStyle: settings.s3PathStyle,
    credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
  });
}

/** Without a database and objects of its own a server fills no disk. */
async function openDisk(settings: Settings, store: BlobStore, logger: Logger): Promise<DiskGuard | null> {
  if (settings.databaseUrl !== null && store.kind === "s3") return null;
  return await DiskGuard.start({
    dir: settings.dataDir,
    reserveBytes: settings.diskReserveBytes,
    ballastBytes: settings.diskBallastBytes,
    logger,
  });
}
