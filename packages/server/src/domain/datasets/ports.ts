import type { DatasetFormat, DatasetKind, UploadState } from "@tda-platform/contract/datasets";
import type { BlobName } from "../storage/blob-store.ts";
import type { WrappedKey } from "../storage/keyring.ts";
import type { SealedBlob } from "../storage/sealed-blobs.ts";

/** A dataset as it is kept. */
export interface DatasetRecord {
  /** `ds_…` */
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly kind: DatasetKind;
  readonly format: DatasetFormat;
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** A dataset and where its content is. */
export interface StoredDataset extends DatasetRecord {
  readonly blob: SealedBlob;
}

export type NewDataset = Omit<DatasetRecord, "createdAt">;

/** Which upload a dataset comes from, and the lease under which it was made. */
export interface FinishedUpload {
  readonly uploadId: string;
  readonly lease: string;
}

/** The records of datasets. Every method is of one project and sees no other. */
export interface DatasetStore {
  /**
   * Records a dataset and that its blob is kept, in one transaction; of an upload also that it is finished, and that its
   * parts are no longer wanted. null: the blob was given up meanwhile, or the upload's lease is another's.
   */
  create(dataset: NewDataset, blob: BlobName, upload: FinishedUpload | null): Promise<DatasetRecord | null>;
  find(projectId: string, id: string): Promise<StoredDataset | null>;
  /** Newest first, older than `before`. */
  list(projectId: string, page: { readonly limit: number; readonly before: string | null }): Promise<DatasetRecord[]>;
  /** Removes the record and marks the blob to be removed, in one transaction; null: there is none. */
  delete(projectId: string, id: string): Promise<BlobName | null>;
}

/** What a project's datasets take, and what its unfinished uploads may still take. */
export interface StorageUsage {
  bytesStored(projectId: string): Promise<number>;
}

/** Decides whether a project may store so many more bytes. @throws ProblemError when it may not. */
export interface StorageAdmission {
  admit(projectId: string, bytes: number): Promise<void>;
}

/** A blob's record is written before its first byte and removed after its last: what a crash leaves is known. */
export interface BlobRecords {
  /** Before anything of it is written. */
  begin(name: BlobName, key: WrappedKey): Promise<void>;
  /** That it is still being written. */
  touch(name: BlobName): Promise<void>;
  /** Marks it to be removed. */
  doom(name: BlobName): Promise<void>;
  /** After its bytes are gone. */
  forget(name: BlobName): Promise<void>;
}

/** The blobs of all projects, for what works across them. */
export interface BlobMaintenance {
  /** Marked blobs, and those that nobody has written to for so long, which are marked first. */
  doomed(staleSeconds: number, limit: number): Promise<BlobName[]>;
  forget(name: BlobName): Promise<void>;
  /** Blobs whose data key is under one of these master keys. */
  underKeys(masterKeyIds: readonly string[], limit: number): Promise<(BlobName & { readonly key: WrappedKey })[]>;
  /** Master keys that are needed and not among these. */
  missingKeys(masterKeyIds: readonly string[]): Promise<string[]>;
  /** Exchanges a wrapped key for the same under another master key. */
  replaceKey(name: BlobName, from: WrappedKey, to: WrappedKey): Promise<void>;
}

/** A resumable upload as it is kept. */
export interface UploadRecord {
  /** `upl_…` */
  readonly id: string;
  readonly projectId: string;
  readonly state: UploadState;
  readonly name: string;
  readonly format: DatasetFormat | null;
  readonly kind: DatasetKind | null;
  /** `Upload-Metadata` as it was sent. */
  readonly metadata: string;
  readonly length: number;
  /** Bytes that have arrived, durably. */
  readonly received: number;
  readonly datasetId: string | null;
  readonly problem: UploadProblem | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface UploadProblem {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

export type NewUpload = Pick<
  UploadRecord,
  "id" | "projectId" | "name" | "format" | "kind" | "metadata" | "length" | "createdBy" | "expiresAt"
>;

/** The records of uploads. A lease lets one request at a time write to an upload, on whatever server. */
export interface UploadStore {
  create(upload: NewUpload): Promise<UploadRecord>;
  find(projectId: string, id: string): Promise<UploadRecord | null>;
  /** Takes the lease; "missing" or "leased" when it can't be had. */
  lease(projectId: string, id: string, token: string, seconds: number): Promise<UploadRecord | "missing" | "leased">;
  /** Keeps the lease for longer; false: it is no longer held. */
  renew(projectId: string, id: string, token: string, seconds: number): Promise<boolean>;
  release(projectId: string, id: string, token: string): Promise<void>;
  /**
   * Records what arrived as the next part and that its blob is kept, in one transaction; the last part makes the upload
   * `processing`. null: the lease is no longer held.
   */
  append(
    projectId: string,
    id: string,
    token: string,
    part: { readonly blob: BlobName; readonly bytes: number },
  ): Promise<UploadRecord | null>;
  /** The parts, in order. */
  parts(projectId: string, id: string): Promise<SealedBlob[]>;
  /** Ends an upload whose content is refused, and gives its parts up. */
  fail(projectId: string, id: string, token: string, problem: UploadProblem): Promise<void>;
  /** Removes the record and marks its parts to be removed; null: there is none. */
  delete(projectId: string, id: string): Promise<BlobName[] | null>;
}

/** The uploads of all projects. */
export interface UploadMaintenance {
  /** Removes uploads past their time, and marks their parts to be removed; how many. */
  expire(limit: number): Promise<number>;
  /** Uploads that have arrived and that nobody is making a dataset of. */
  unattended(limit: number): Promise<{ readonly projectId: string; readonly id: string }[]>;
}
