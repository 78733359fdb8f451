import type { LimitDefinition } from "./definition.ts";
import { MAX_BATCH_BYTES, MAX_CSV_RECORD_BYTES, MAX_TABLE_COLUMNS } from "./values.ts";

/** Of datasets and uploads. */
export const DATASETS_LIMITS = {
  dataset_bytes: {
    unit: "bytes",
    value: { setting: "datasetLimitBytes" },
    summary: "A dataset or an upload, after decompression.",
    problem: "dataset_too_large",
  },
  dataset_input_bytes: {
    unit: "bytes",
    value: { setting: "datasetInputLimitBytes" },
    summary: "A dataset that is computed with, as content and as float64 values.",
    problem: "dataset_input_too_large",
  },
  upload_seconds: {
    unit: "seconds",
    value: { setting: "uploadExpirySeconds" },
    summary: "Time for a resumable upload to finish; it is gone after that.",
    problem: "not_found",
  },
  csv_record_bytes: {
    unit: "bytes",
    value: { fixed: MAX_CSV_RECORD_BYTES },
    summary: "One record of a CSV dataset.",
    problem: "invalid_csv",
  },
  batch_bytes: {
    unit: "bytes",
    value: { fixed: MAX_BATCH_BYTES },
    summary: "One record batch of an Arrow dataset; one column chunk of a Parquet dataset.",
    problem: "not_supported",
  },
  table_columns: {
    unit: "count",
    value: { fixed: MAX_TABLE_COLUMNS },
    summary: "Columns of an Arrow or Parquet dataset.",
    problem: "not_supported",
  },
} as const satisfies Record<string, LimitDefinition>;
