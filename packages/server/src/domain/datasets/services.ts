import type { BlobStore } from "../storage/blob-store.ts";
import type { Keyring } from "../storage/keyring.ts";
import { SealedBlobs } from "../storage/sealed-blobs.ts";
import { BlobWriter } from "./blob-writer.ts";
import { DatasetService } from "./dataset-service.ts";
import type { DiskSpace } from "./disk-space.ts";
import { Inspections } from "./inspection/inspections.ts";
import { type MaintenanceDependencies, type MaintenanceReport, maintainStorage } from "./maintenance.ts";
import type {
  BlobMaintenance,
  BlobRecords,
  DatasetStore,
  StorageAdmission,
  StorageUsage,
  UploadMaintenance,
  UploadStore,
} from "./ports.ts";
import { UploadService } from "./upload-service.ts";

export interface DatasetServicesOptions {
  readonly datasets: DatasetStore & StorageUsage;
  readonly uploads: UploadStore;
  readonly blobs: BlobRecords;
  readonly blobMaintenance: BlobMaintenance;
  readonly uploadMaintenance: UploadMaintenance;
  readonly store: BlobStore;
  readonly keyring: Keyring;
  readonly disk: DiskSpace;
  readonly settings: { readonly datasetLimitBytes: number; readonly uploadExpirySeconds: number };
  /** Whether a project may store more; whoever asks may, unless told. */
  readonly admission?: StorageAdmission;
  /** What maintenance could not do. */
  readonly onFailure?: (step: string, error: unknown) => void;
}

/** Datasets, uploads, and what keeps them in order, over one store. */
export interface DatasetServices {
  readonly datasets: DatasetService;
  readonly uploads: UploadService;
  readonly usage: StorageUsage;
  readonly disk: DiskSpace;
  readonly maintenance: MaintenanceDependencies;
  maintain(): Promise<MaintenanceReport>;
  /** Ends its threads. What it was given stays open. */
  close(): Promise<void>;
}

const ADMITS_ALL: StorageAdmission = { admit: async () => undefined };

export function createDatasetServices(options: DatasetServicesOptions): DatasetServices {
  const { disk, keyring, settings, admission = ADMITS_ALL } = options;
  const blobs = new SealedBlobs(options.store, keyring);
  const writer = new BlobWriter(blobs, options.blobs, disk);
  const inspections = new Inspections();
  const limitBytes = settings.datasetLimitBytes;
  const shared = { blobs, writer, admission, disk, limitBytes };
  const datasets = new DatasetService({ ...shared, store: options.datasets, inspections });
  const expirySeconds = settings.uploadExpirySeconds;
  const uploads = new UploadService({ ...shared, store: options.uploads, datasets, expirySeconds });
  const maintenance: MaintenanceDependencies = {
    blobs,
    records: options.blobMaintenance,
    uploads: options.uploadMaintenance,
    uploadService: uploads,
    olderKeyIds: keyring.ids.filter((id) => id !== keyring.currentId),
    onFailure: options.onFailure ?? (() => undefined),
  };
  return {
    datasets,
    uploads,
    usage: options.datasets,
    disk,
    maintenance,
    maintain: () => maintainStorage(maintenance),
    close: () => inspections.close(),
  };
}
