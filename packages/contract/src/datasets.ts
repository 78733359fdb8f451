import type { Static } from "typebox";
import { idPattern } from "./identifiers.ts";
import { pageSchema } from "./pages.ts";

/** What a dataset's bytes are. Arrow is the IPC format, as a stream or as a file. */
export const DATASET_FORMATS = ["csv", "npy", "parquet", "arrow", "lower-distance"] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

/** What its rows are. */
export const DATASET_KINDS = ["points", "distances"] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];

export const DATASET_NAME_SCHEMA = {
  type: "string",
  minLength: 1,
  maxLength: 200,
  pattern: "^[^\\u0000-\\u001f\\u007f]+$",
} as const;

export const DATASET_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "name", "kind", "rows", "columns", "bytes", "sha256", "created_at"],
  properties: {
    id: { type: "string", pattern: idPattern("ds") },
    name: DATASET_NAME_SCHEMA,
    kind: { type: "string", enum: DATASET_KINDS },
    rows: { type: "integer", minimum: 0, description: "Points; of distances as well." },
    columns: { type: "integer", minimum: 0, description: "Coordinates of a point; of distances the points again." },
    bytes: { type: "integer", minimum: 0, description: "Of the content, as it was uploaded and decompressed." },
    sha256: { type: "string", pattern: "^[0-9a-f]{64}$", description: "Of the content." },
    created_at: { type: "string", format: "date-time" },
  },
} as const;
export type Dataset = Static<typeof DATASET_SCHEMA>;

export const DATASET_PAGE_SCHEMA = pageSchema(DATASET_SCHEMA);

/** What an upload may say of itself: in the query, as fields of a form before the file, or in a resumable upload's metadata. */
export const DATASET_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: { ...DATASET_NAME_SCHEMA, description: "Name of the dataset. Not given: the file's name." },
    format: {
      type: "string",
      enum: DATASET_FORMATS,
      description:
        "Format of the content. Not given: by the media type, the end of the file's name, or the first bytes.",
    },
    input_kind: {
      type: "string",
      enum: DATASET_KINDS,
      description:
        "What the rows are. Not given: distances for `lower-distance`, points for the others. Never guessed.",
    },
  },
} as const;
export type DatasetQuery = Static<typeof DATASET_QUERY_SCHEMA>;

export const UPLOAD_STATES = ["receiving", "processing", "finished", "failed"] as const;
export type UploadState = (typeof UPLOAD_STATES)[number];

/** A resumable upload (tus 1.0). */
export const UPLOAD_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "state", "name", "length", "offset", "dataset_id", "problem", "created_at", "expires_at"],
  properties: {
    id: { type: "string", pattern: idPattern("upl") },
    state: {
      type: "string",
      enum: UPLOAD_STATES,
      description:
        "`processing`: everything has arrived and is being inspected. `failed`: `problem` says what is wrong with the content.",
    },
    name: DATASET_NAME_SCHEMA,
    length: { type: "integer", minimum: 0 },
    offset: { type: "integer", minimum: 0, description: "Bytes that have arrived, durably." },
    dataset_id: { type: ["string", "null"], description: "The dataset that a finished upload became." },
    problem: {
      anyOf: [
        {
          type: "object",
          additionalProperties: false,
          required: ["code", "detail", "errors"],
          properties: {
            code: { type: "string" },
            detail: { type: "string" },
            errors: {
              type: "array",
              items: {
                type: "object",
                additionalProperties: false,
                required: ["pointer", "detail"],
                properties: { pointer: { type: "string" }, detail: { type: "string" } },
              },
            },
          },
        },
        { type: "null" },
      ],
    },
    created_at: { type: "string", format: "date-time" },
    expires_at: { type: "string", format: "date-time" },
  },
} as const;
export type UploadStatus = Static<typeof UPLOAD_SCHEMA>;
