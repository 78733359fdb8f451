import type { ProblemDefinition } from "./definition.ts";

/** Datasets, uploads and the room they take. */
export const DATASETS_PROBLEMS = {
  invalid_arrow: {
    status: 400,
    title: "Content is not Arrow data",
    retryable: false,
    meaning: "The content is no complete Arrow IPC stream or file.",
    remedy: "Write it with an Arrow library, and send all of it.",
  },
  invalid_parquet: {
    status: 400,
    title: "Content is not a Parquet file",
    retryable: false,
    meaning: "The magic bytes, the metadata or the pages are not those of a Parquet file.",
    remedy: "Write it with a Parquet library, and send all of it.",
  },
  invalid_form: {
    status: 400,
    title: "Form can't be read",
    retryable: false,
    meaning: "The body is no complete multipart form, or not one of a single part `file`, with its fields before it.",
    remedy: "Send one part named `file`; `name`, `format` and `input_kind` come before it.",
  },
  upload_offset_mismatch: {
    status: 409,
    title: "Upload goes on elsewhere",
    retryable: false,
    meaning: "`Upload-Offset` is not where the upload stands; `Upload-Offset` of the answer is.",
    remedy: "Ask by HEAD where the upload stands, and go on from there.",
  },
  tus_version_not_supported: {
    status: 412,
    title: "Version of the upload protocol not supported",
    retryable: false,
    meaning: "`Tus-Resumable` is absent or not 1.0.0.",
    remedy: "Send `Tus-Resumable: 1.0.0`.",
  },
  dataset_too_large: {
    status: 413,
    title: "Dataset too large",
    retryable: false,
    meaning: "The content has more bytes, after decompression, than the limit `dataset_bytes`.",
    remedy: "Send less, or raise `TDA_DATASET_LIMIT_BYTES`.",
  },
  range_not_satisfiable: {
    status: 416,
    title: "Range not satisfiable",
    retryable: false,
    meaning: "The content ends before the range that `Range` asks for; `Content-Range` has its length.",
    remedy: "Ask for a range inside of the content.",
  },
  dataset_input_too_large: {
    status: 422,
    title: "Dataset too large for a computation",
    retryable: false,
    meaning: "The dataset's content, or its values as float64, are more than the limit `dataset_input_bytes`.",
    remedy: "Use a smaller dataset, or raise `TDA_DATASET_INPUT_LIMIT_BYTES`.",
  },
  upload_length_exceeded: {
    status: 422,
    title: "More than the upload's length",
    retryable: false,
    meaning: "The body goes beyond the length that the upload was created with. What goes beyond was not kept.",
    remedy: "Create an upload of the right length.",
  },
  upload_locked: {
    status: 423,
    title: "Upload is busy",
    retryable: true,
    meaning: "Another request is writing to this upload, or its content is being inspected.",
    remedy: "Try again shortly.",
  },
  upload_checksum_mismatch: {
    status: 460,
    title: "Checksum does not match",
    retryable: false,
    meaning: "The body is not what `Upload-Checksum` says; it was not kept.",
    remedy: "Send it again.",
  },
  insufficient_storage: {
    status: 507,
    title: "Not enough room",
    retryable: true,
    meaning:
      "The disk is so full that only the reserve of `TDA_DISK_RESERVE_BYTES` is left, or the object store is full. Reading, deleting and cancelling still work.",
    remedy: "Delete what is no longer needed; the operator makes room.",
  },
} as const satisfies Record<string, ProblemDefinition>;
