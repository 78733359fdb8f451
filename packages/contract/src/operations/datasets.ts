import { DATASET_PAGE_SCHEMA, DATASET_QUERY_SCHEMA, DATASET_SCHEMA, UPLOAD_SCHEMA } from "../datasets.ts";
import { idPattern } from "../identifiers.ts";
import { MEDIA_TYPES } from "../media-types.ts";
import { PAGE_QUERY_PROPERTIES } from "../pages.ts";
import { NO_QUERY, type OperationDefinition } from "./definition.ts";

const DATASET_PATH = {
  dataset_id: { type: "string", pattern: idPattern("ds"), description: "The dataset." },
} as const;
const UPLOAD_PATH = {
  upload_id: { type: "string", pattern: idPattern("upl"), description: "The upload." },
} as const;
const TUS_RESUMABLE = {
  "Tus-Resumable": { type: "string", const: "1.0.0", description: "Version of the protocol; required." },
} as const;

/** What is wrong with a content, or with the room for it. */
const CONTENT_PROBLEMS = [
  "invalid_csv",
  "invalid_npy",
  "invalid_arrow",
  "invalid_parquet",
  "ragged_rows",
  "not_a_number",
  "negative_distance",
  "validation_failed",
  "not_supported",
  "unsupported_media_type",
  "dataset_too_large",
  "insufficient_storage",
  "storage_quota_exceeded",
  "overloaded",
  "out_of_memory",
  "shutting_down",
] as const;

const UPLOAD_HEADERS = {
  "Tus-Resumable": "1.0.0",
  "Upload-Offset": "Bytes that have arrived, durably.",
  "Upload-Expires": "When the upload ends.",
  "Upload-Dataset-Id": "The dataset that the upload has become, when this was the rest of it.",
} as const;

export const DATASETS_OPERATIONS = {
  "dataset.create": {
    method: "POST",
    path: "/v1/datasets",
    aliases: [],
    tag: "Datasets",
    summary: "Upload a dataset",
    description:
      "Stores points or distances, encrypted, as they arrive: as the part `file` of a form, or as the body itself with its media type or `format`. The content is inspected on the way and refused with the place of the first bad value. A matrix of distances is checked for symmetry when it is computed with.",
    permission: "datasets.write",
    creates: true,
    isStreamed: true,
    needsRoom: true,
    request: {
      bodies: {
        [MEDIA_TYPES.multipart]: {
          type: "object",
          required: ["file"],
          properties: { ...DATASET_QUERY_SCHEMA.properties, file: { type: "string", format: "binary" } },
        },
        [MEDIA_TYPES.csv]: { description: "One point or matrix row a line." },
        [MEDIA_TYPES.npy]: { description: "An array of numpy." },
        [MEDIA_TYPES.parquet]: { description: "A flat table of numbers." },
        [MEDIA_TYPES.arrow]: { description: "Columns of numbers." },
        [MEDIA_TYPES.lowerDistance]: { description: "Ripser's lower-distance text." },
        [MEDIA_TYPES.bytes]: { description: "Any of these, by `format`, or by its first bytes." },
      },
      query: DATASET_QUERY_SCHEMA,
      headers: {},
    },
    response: {
      status: 201,
      description: "The dataset.",
      bodies: { [MEDIA_TYPES.json]: DATASET_SCHEMA },
      headers: { Location: "`/v1/datasets/{dataset_id}`" },
    },
    problems: [
      ...CONTENT_PROBLEMS,
      "invalid_form",
      "invalid_content_encoding",
      "compression_ratio_exceeded",
      "unsupported_content_encoding",
      "unknown_field",
    ],
  },
  "dataset.list": {
    method: "GET",
    path: "/v1/datasets",
    aliases: [],
    tag: "Datasets",
    summary: "List datasets",
    description: "The project's datasets, newest first.",
    permission: "datasets.read",
    request: {
      bodies: {},
      query: { type: "object", additionalProperties: false, properties: PAGE_QUERY_PROPERTIES },
      headers: {},
    },
    response: {
      status: 200,
      description: "A page.",
      bodies: { [MEDIA_TYPES.json]: DATASET_PAGE_SCHEMA },
      headers: {},
    },
    problems: ["validation_failed", "unknown_field"],
  },
  "dataset.read": {
    method: "GET",
    path: "/v1/datasets/{dataset_id}",
    aliases: [],
    tag: "Datasets",
    summary: "Read a dataset's record",
    description: "What is known of the dataset.",
    permission: "datasets.read",
    request: { path: DATASET_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: { status: 200, description: "The dataset.", bodies: { [MEDIA_TYPES.json]: DATASET_SCHEMA }, headers: {} },
    problems: ["not_found", "unknown_field"],
  },
  "dataset.content": {
    method: "GET",
    path: "/v1/datasets/{dataset_id}/content",
    aliases: [],
    tag: "Datasets",
    summary: "Download a dataset",
    description:
      "The bytes as they were uploaded, as an attachment. One `Range` is served; a range reads and decrypts only what holds it.",
    permission: "datasets.read",
    request: {
      path: DATASET_PATH,
      bodies: {},
      query: NO_QUERY,
      headers: {
        Range: { type: "string", description: "`bytes=0-1023`, `bytes=1024-` or `bytes=-1024`." },
        "If-Range": { type: "string", description: "The `ETag`: otherwise all of it is sent." },
        "If-None-Match": { type: "string", description: "The `ETag`: 304 when it is still that." },
      },
    },
    response: {
      status: 200,
      description: "The content.",
      bodies: { [MEDIA_TYPES.bytes]: { type: "string", format: "binary" } },
      headers: { ETag: "The SHA-256 of the content.", "Accept-Ranges": "`bytes`" },
    },
    alternatives: [
      {
        status: 206,
        description: "The range.",
        bodies: { [MEDIA_TYPES.bytes]: { type: "string", format: "binary" } },
        headers: { "Content-Range": "Which part this is.", ETag: "The SHA-256 of the content." },
      },
      {
        status: 304,
        description: "It is still what `If-None-Match` says.",
        bodies: {},
        headers: { ETag: "The same." },
      },
    ],
    problems: ["not_found", "range_not_satisfiable", "unknown_field"],
  },
  "dataset.delete": {
    method: "DELETE",
    path: "/v1/datasets/{dataset_id}",
    aliases: [],
    tag: "Datasets",
    summary: "Delete a dataset",
    description: "Removes the record, and the bytes from the store. Works also when the disk is full.",
    permission: "datasets.write",
    request: { path: DATASET_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: { status: 204, description: "It is gone.", bodies: {}, headers: {} },
    problems: ["not_found", "unknown_field"],
  },
  "upload.create": {
    method: "POST",
    path: "/v1/uploads",
    aliases: [],
    tag: "Uploads",
    summary: "Begin a resumable upload",
    description:
      "tus 1.0, with the extensions creation, creation-with-upload, expiration, checksum and termination. `OPTIONS` tells them, and `Tus-Max-Size`. The length is reserved in the project's quota.",
    permission: "datasets.write",
    creates: true,
    isStreamed: true,
    needsRoom: true,
    request: {
      bodies: { [MEDIA_TYPES.tusPatch]: { description: "The first bytes; may be left out." } },
      query: NO_QUERY,
      headers: {
        ...TUS_RESUMABLE,
        "Upload-Length": { type: "integer", minimum: 0, description: "Length of the content; required." },
        "Upload-Metadata": {
          type: "string",
          description:
            "Pairs of a name and a value in base64, comma-separated: `filename` or `name`, `format`, `input_kind`.",
        },
        "Upload-Checksum": { type: "string", description: "Algorithm and digest of the body in base64." },
      },
    },
    response: {
      status: 201,
      description: "The upload has begun.",
      bodies: {},
      headers: { Location: "`/v1/uploads/{upload_id}`", ...UPLOAD_HEADERS },
    },
    problems: [
      ...CONTENT_PROBLEMS,
      "tus_version_not_supported",
      "upload_length_exceeded",
      "upload_checksum_mismatch",
      "unknown_field",
    ],
  },
  "upload.head": {
    method: "HEAD",
    path: "/v1/uploads/{upload_id}",
    aliases: [],
    tag: "Uploads",
    summary: "Ask where an upload stands",
    description: "To go on with it after a break.",
    permission: "datasets.write",
    request: { path: UPLOAD_PATH, bodies: {}, query: NO_QUERY, headers: TUS_RESUMABLE },
    response: {
      status: 200,
      description: "`Upload-Offset` says where to go on.",
      bodies: {},
      headers: { ...UPLOAD_HEADERS, "Upload-Length": "Length of the content.", "Upload-Metadata": "As it was sent." },
    },
    problems: ["not_found", "tus_version_not_supported", "unknown_field"],
  },
  "upload.read": {
    method: "GET",
    path: "/v1/uploads/{upload_id}",
    aliases: [],
    tag: "Uploads",
    summary: "Read an upload's state",
    description: "Also after its end, until it expires: which dataset it became, or what is wrong with its content.",
    permission: "datasets.write",
    request: { path: UPLOAD_PATH, bodies: {}, query: NO_QUERY, headers: {} },
    response: { status: 200, description: "The upload.", bodies: { [MEDIA_TYPES.json]: UPLOAD_SCHEMA }, headers: {} },
    problems: ["not_found", "unknown_field"],
  },
  "upload.append": {
    method: "PATCH",
    path: "/v1/uploads/{upload_id}",
    aliases: [],
    tag: "Uploads",
    summary: "Go on with an upload",
    description:
      "Appends the body. What has arrived is kept when the connection breaks. With the rest of the content the dataset is made, and refused as a single upload would be.",
    permission: "datasets.write",
    isStreamed: true,
    needsRoom: true,
    request: {
      path: UPLOAD_PATH,
      bodies: { [MEDIA_TYPES.tusPatch]: { description: "Bytes from `Upload-Offset` on." } },
      query: NO_QUERY,
      headers: {
        ...TUS_RESUMABLE,
        "Upload-Offset": { type: "integer", minimum: 0, description: "Where the upload stands; required." },
        "Upload-Checksum": { type: "string", description: "Algorithm and digest of the body in base64." },
      },
    },
    response: { status: 204, description: "The bytes are kept.", bodies: {}, headers: UPLOAD_HEADERS },
    problems: [
      ...CONTENT_PROBLEMS,
      "not_found",
      "tus_version_not_supported",
      "upload_offset_mismatch",
      "upload_locked",
      "upload_length_exceeded",
      "upload_checksum_mismatch",
      "unknown_field",
    ],
  },
  "upload.delete": {
    method: "DELETE",
    path: "/v1/uploads/{upload_id}",
    aliases: [],
    tag: "Uploads",
    summary: "End an upload",
    description: "Gives up what has arrived. A dataset that it has become stays.",
    permission: "datasets.write",
    request: { path: UPLOAD_PATH, bodies: {}, query: NO_QUERY, headers: TUS_RESUMABLE },
    response: { status: 204, description: "It is gone.", bodies: {}, headers: { "Tus-Resumable": "1.0.0" } },
    problems: ["not_found", "tus_version_not_supported", "unknown_field"],
  },
} as const satisfies Record<string, OperationDefinition>;
