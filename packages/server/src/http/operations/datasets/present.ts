import type { Dataset, UploadStatus } from "@tda-platform/contract/datasets";
import type { DatasetRecord, UploadRecord } from "../../../domain/datasets/ports.ts";

/** A dataset as the API shows it. */
export function presentDataset(record: DatasetRecord): Dataset {
  const { id, name, kind, rows, columns, bytes, sha256, createdAt } = record;
  return { id, name, kind, rows, columns, bytes, sha256, created_at: createdAt.toISOString() };
}

export function presentUpload(record: UploadRecord): UploadStatus {
  const { id, state, name, length, received, datasetId, problem, createdAt, expiresAt } = record;
  return {
    id,
    state,
    name,
    length,
    offset: received,
    dataset_id: datasetId,
    problem: problem === null ? null : { ...problem, errors: [...problem.errors] },
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
