import type { Static } from "typebox";
import { REQUEST_ID_PATTERN } from "./identifiers.ts";

/** One kind of error answer. `code` is stable; texts are for people and may change. */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  /** The same request may succeed later without change. */
  readonly retryable: boolean;
  /** What it means, for the reference. */
  readonly meaning: string;
  /** What the caller does about it. */
  readonly remedy: string;
}

/** Every problem that the API answers with (RFC 9457). The anchor of a problem's documentation is its code. */
export const PROBLEMS = {
  // 400: the request can't be parsed
  bad_request: {
    status: 400,
    title: "Malformed HTTP request",
    retryable: false,
    meaning: "The request line, a header or the framing of the body breaks the rules of HTTP.",
    remedy: "Send well-formed HTTP/1.1.",
  },
  invalid_json: {
    status: 400,
    title: "Body is not JSON",
    retryable: false,
    meaning: "The body is not one complete JSON text in UTF-8 (truncated, `NaN` or `Infinity` tokens, invalid UTF-8).",
    remedy: "Send JSON as RFC 8259 defines it; an absent distance is `null`.",
  },
  json_too_deep: {
    status: 400,
    title: "JSON nested too deeply",
    retryable: false,
    meaning: "Arrays and objects are nested deeper than the limit `json_depth`. The body was not parsed further.",
    remedy: "No valid request nests deeper than three levels.",
  },
  invalid_csv: {
    status: 400,
    title: "Body is not CSV",
    retryable: false,
    meaning: "The body is not UTF-8, or a quoted field is broken; the detail names the line.",
    remedy: "Send comma-separated values as RFC 4180 describes them.",
  },
  invalid_npy: {
    status: 400,
    title: "Body is not an NPY file",
    retryable: false,
    meaning: "The magic string, the version, the header or the amount of data is not that of an NPY file.",
    remedy: "Write the file with `numpy.save` and send all of it.",
  },
  invalid_content_encoding: {
    status: 400,
    title: "Body can't be decompressed",
    retryable: false,
    meaning: "The body is not complete data of the coding that `Content-Encoding` names.",
    remedy: "Compress the whole body once, by gzip or zstd, and name that coding.",
  },
  // 401, 403
  authentication_required: {
    status: 401,
    title: "Authentication required",
    retryable: false,
    meaning: "The operation needs credentials and the request has none.",
    remedy: "Send an API key in `X-API-Key`.",
  },
  invalid_api_key: {
    status: 401,
    title: "API key not accepted",
    retryable: false,
    meaning: "The API key is unknown, expired or revoked.",
    remedy: "Check the key, or make a new one.",
  },
  invalid_token: {
    status: 401,
    title: "Token not accepted",
    retryable: false,
    meaning: "The `Authorization` header carries no token that this server accepts.",
    remedy: "Send an API key in `X-API-Key`.",
  },
  permission_denied: {
    status: 403,
    title: "Not allowed",
    retryable: false,
    meaning: "The caller's role does not include this operation.",
    remedy: "Use a key with a role that does.",
  },
  host_not_allowed: {
    status: 403,
    title: "Host is not loopback",
    retryable: false,
    meaning:
      "Authentication is off and the `Host` header does not name the loopback interface (a guard against DNS rebinding).",
    remedy: "Call the server as localhost, 127.0.0.1 or [::1], or turn authentication on.",
  },
  origin_not_allowed: {
    status: 403,
    title: "Origin is not loopback",
    retryable: false,
    meaning: "Authentication is off and a page of another site made the request (`Origin` or `Sec-Fetch-Site`).",
    remedy: "Turn authentication on to use the server from web pages.",
  },
  forwarding_not_allowed: {
    status: 403,
    title: "Forwarded request refused",
    retryable: false,
    meaning: "Authentication is off and the request came through a proxy (`Forwarded`, `X-Forwarded-*`, `X-Real-IP`).",
    remedy: "Turn authentication on before putting a proxy in front of the server.",
  },
  // 404, 405, 408, 413, 415, 431
  not_found: {
    status: 404,
    title: "Not found",
    retryable: false,
    meaning: "Nothing is at this path, or the caller may not see it.",
    remedy: "Check the path against /openapi.json.",
  },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed",
    retryable: false,
    meaning: "The path exists, with other methods; `Allow` names them.",
    remedy: "Use one of the methods in `Allow`.",
  },
  request_timeout: {
    status: 408,
    title: "Request took too long to arrive",
    retryable: true,
    meaning: "The headers or the body did not arrive within the limit `request_seconds`.",
    remedy: "Send the request again over a faster connection, compressed.",
  },
  body_too_large: {
    status: 413,
    title: "Body too large",
    retryable: false,
    meaning: "The body has more bytes, after decompression, than the limit `body_bytes`.",
    remedy: "Send less, or raise `TDA_BODY_LIMIT_BYTES`.",
  },
  compression_ratio_exceeded: {
    status: 413,
    title: "Body compressed too well",
    retryable: false,
    meaning:
      "The body decompresses to more than `compression_ratio` times its size (a guard against decompression bombs).",
    remedy: "Send the body uncompressed.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Media type not supported",
    retryable: false,
    meaning: "The body's `Content-Type` is absent or none that the operation reads.",
    remedy: "Send application/json, text/csv or application/x-npy.",
  },
  unsupported_content_encoding: {
    status: 415,
    title: "Content coding not supported",
    retryable: false,
    meaning: "`Content-Encoding` names a coding that is not read, or more than one.",
    remedy: "Use gzip or zstd, once, or none.",
  },
  headers_too_large: {
    status: 431,
    title: "Headers too large",
    retryable: false,
    meaning: "The request line and headers have more bytes than the limit `header_bytes`.",
    remedy: "Shorten the URL or the headers.",
  },
  // 422: parsed, but wrong
  validation_failed: {
    status: 422,
    title: "Request does not fit the schema",
    retryable: false,
    meaning: "A field or parameter has the wrong type or is outside its range; `errors` names each place.",
    remedy: "Correct the places that `errors` names.",
  },
  unknown_field: {
    status: 422,
    title: "Unknown field or parameter",
    retryable: false,
    meaning: "The request has a field or query parameter that the operation does not know: it may be misspelt.",
    remedy: "Remove it, or correct its name.",
  },
  missing_input: {
    status: 422,
    title: "No input",
    retryable: false,
    meaning: "None of `points`, `distances`, `sparse_distances` and `dataset_id` is given.",
    remedy: "Give exactly one.",
  },
  multiple_inputs: {
    status: 422,
    title: "More than one input",
    retryable: false,
    meaning: "More than one of `points`, `distances`, `sparse_distances` and `dataset_id` is given.",
    remedy: "Give exactly one.",
  },
  ragged_rows: {
    status: 422,
    title: "Rows of unequal length",
    retryable: false,
    meaning:
      "The rows of the points, the matrix or the sparse arrays do not fit together; `errors` names the first wrong one.",
    remedy: "Give rows of one length, or the lower triangle.",
  },
  not_a_number: {
    status: 422,
    title: "Not a number",
    retryable: false,
    meaning: "A value is NaN, an infinite coordinate, too large for a float64 or no number at all.",
    remedy: "Give finite numbers; an absent distance is `null` (`inf` in CSV and NPY).",
  },
  negative_distance: {
    status: 422,
    title: "Negative distance",
    retryable: false,
    meaning: "A distance is below zero.",
    remedy: "Give distances of at least zero.",
  },
  asymmetric_distance: {
    status: 422,
    title: "Distances are not symmetric",
    retryable: false,
    meaning: "d(i,j) and d(j,i) of a full matrix differ; `errors` names both entries.",
    remedy: "Give a symmetric matrix or its lower triangle.",
  },
  diagonal_above_edge: {
    status: 422,
    title: "Birth above an edge",
    retryable: false,
    meaning: "A diagonal entry, the birth of a point, is larger than one of the point's distances.",
    remedy: "A point is born no later than its edges.",
  },
  index_out_of_range: {
    status: 422,
    title: "Index out of range",
    retryable: false,
    meaning: "An index of the sparse distances is not below `n`.",
    remedy: "Indices run from 0 to n - 1.",
  },
  conflicting_entries: {
    status: 422,
    title: "Conflicting entries",
    retryable: false,
    meaning: "A pair of the sparse distances is given twice with different values.",
    remedy: "Give each pair once, or with one value.",
  },
  zero_vector: {
    status: 422,
    title: "Cosine distance of a zero vector",
    retryable: false,
    meaning: "The cosine distance of the zero vector is not defined.",
    remedy: "Remove the point, or use another metric.",
  },
  distance_overflow: {
    status: 422,
    title: "Distance overflows",
    retryable: false,
    meaning: "The distance of two finite points is too large for a float64.",
    remedy: "Scale the points.",
  },
  invalid_coefficient_field: {
    status: 422,
    title: "Coefficient field is not a prime",
    retryable: false,
    meaning: "`coefficient_field` must be a prime of at most 32749.",
    remedy: "Use 2, 3, 5, 7, 11, …",
  },
  invalid_metric: {
    status: 422,
    title: "Metric and its exponent do not fit",
    retryable: false,
    meaning:
      "`minkowski_p` is missing, below 1, or given with a metric other than `minkowski`; or a metric is given for distances.",
    remedy: "Give `minkowski_p` with `metric: minkowski` only, and a metric with points only.",
  },
  not_supported: {
    status: 422,
    title: "Not supported yet",
    retryable: false,
    meaning: "A value that the contract knows and this version does not implement; `errors` names the field.",
    remedy: "Use another value.",
  },
  dimension_limit_exceeded: {
    status: 422,
    title: "Dimension above the limit",
    retryable: false,
    meaning: "`max_dimension` is above the limit of that name.",
    remedy: "Ask for fewer dimensions.",
  },
  point_limit_exceeded: {
    status: 422,
    title: "Too many points",
    retryable: false,
    meaning: "The input has more points than the limit `points`.",
    remedy: "Send fewer points, or raise `TDA_MAX_POINTS`.",
  },
  index_overflow: {
    status: 422,
    title: "Too many simplices to number",
    retryable: false,
    meaning: "So many points in so high a dimension have more simplices than the engine's widest key can number.",
    remedy: "Give a threshold, fewer points or fewer dimensions.",
  },
  memory_limit_exceeded: {
    status: 422,
    title: "Memory limit exceeded",
    retryable: false,
    meaning:
      "The computation would pass its memory budget. `memory_limit_bytes` is the budget, `bytes` what had been reached or was asked for, `dimension` where; `hint` names another way.",
    remedy:
      "Raise `memory_limit_bytes` (up to the server's limit), give a threshold, or ask for an `approximation`, whose error is bounded.",
  },
  no_bar: {
    status: 422,
    title: "No such bar",
    retryable: false,
    meaning: "The diagram of dimension 1 is empty, or has no bar of this number.",
    remedy: "Look at `diagrams[1]` of the computation with the same parameters; a higher threshold may have more bars.",
  },
  scale_outside_bar: {
    status: 422,
    title: "Scale outside of the bar",
    retryable: false,
    meaning: "The scale is below the bar's birth, or not below its death: the class does not live there.",
    remedy: "Leave `scale` out, or choose one from the bar's birth to before its death.",
  },
  cocycle_not_integral: {
    status: 422,
    title: "The cocycle has no integer lift",
    retryable: false,
    meaning:
      "Lifted to integers of least absolute value, the cocycle over Z/p is none: the class may be torsion, or a coefficient too large for p.",
    remedy: "Choose another prime as `coefficient_field`, such as 43 or 10007, or another `scale`.",
  },
  result_too_large: {
    status: 422,
    title: "Result too large for an answer",
    retryable: false,
    meaning: "The cocycles or cycles of the bars have more simplices than the limit `chain_simplices`.",
    remedy: "Ask for `simplices` only, give a lower threshold, or fewer points or dimensions.",
  },
  cost_limit_exceeded: {
    status: 422,
    title: "Too costly for a synchronous answer",
    retryable: false,
    meaning:
      "The estimate is above the synchronous limit, or an asynchronous answer was asked for, and this server runs no jobs yet. `estimate` has the estimate, `hint` names another way.",
    remedy:
      "Give a threshold or fewer dimensions, ask for an `approximation`, whose error is bounded, or raise `TDA_SYNC_LIMIT_SECONDS`.",
  },
  invalid_idempotency_key: {
    status: 422,
    title: "Idempotency key not accepted",
    retryable: false,
    meaning: "`Idempotency-Key` must be 1 to 255 printable ASCII characters.",
    remedy: "Use a UUID.",
  },
  // 5xx
  internal_error: {
    status: 500,
    title: "Internal error",
    retryable: true,
    meaning: "A defect of the server. The operator finds it in the log by `request_id`.",
    remedy: "Report it with the `request_id`.",
  },
  engine_failed: {
    status: 500,
    title: "The engine failed",
    retryable: true,
    meaning: "The process that ran this computation ended unexpectedly. Other computations are not affected.",
    remedy: "Try again; report it with the `request_id` if it repeats.",
  },
  overloaded: {
    status: 503,
    title: "Server is busy",
    retryable: true,
    meaning: "As many computations are running and waiting as the server admits.",
    remedy: "Try again after `Retry-After` seconds.",
  },
  out_of_memory: {
    status: 503,
    title: "Out of memory",
    retryable: true,
    meaning: "The operating system refused memory to this computation.",
    remedy: "Try again later, or give a threshold or fewer points.",
  },
  engine_unavailable: {
    status: 503,
    title: "Engine not available",
    retryable: true,
    meaning: "No engine process could be started or reached.",
    remedy: "Try again after `Retry-After` seconds; the operator runs `tda doctor`.",
  },
  storage_unavailable: {
    status: 503,
    title: "Database not available",
    retryable: true,
    meaning: "The computation could not be recorded, so its answer was not given.",
    remedy: "Try again after `Retry-After` seconds.",
  },
  shutting_down: {
    status: 503,
    title: "Server is shutting down",
    retryable: true,
    meaning: "The server is stopping and takes no new work.",
    remedy: "Try again after `Retry-After` seconds.",
  },
  not_ready: {
    status: 503,
    title: "Not ready",
    retryable: true,
    meaning: "A dependency that the server needs is down; `dependencies` has the state of each.",
    remedy: "Wait, or see /health/dependencies.",
  },
  computation_timeout: {
    status: 504,
    title: "Computation took too long",
    retryable: false,
    meaning: "The computation ran past the limit `synchronous_deadline_seconds` and was cancelled.",
    remedy: "Give a threshold or fewer dimensions, or ask for an `approximation`, whose error is bounded.",
  },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** `type` of a problem: a reference to its documentation, relative to the server. */
export function problemType(code: ProblemCode): string {
  return `/docs/problems#${code}`;
}

/** One place of a validation problem. `pointer` is a JSON Pointer (RFC 6901) into the body, or into the query by name. */
export const PROBLEM_PLACE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["pointer", "detail"],
  properties: { pointer: { type: "string" }, detail: { type: "string" } },
} as const;
export type ProblemPlace = Static<typeof PROBLEM_PLACE_SCHEMA>;

/** The body of every error answer. Some codes add members, which their definition names. */
export const PROBLEM_SCHEMA = {
  type: "object",
  required: ["type", "title", "status", "detail", "instance", "code", "request_id"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string" },
    request_id: { type: "string", pattern: REQUEST_ID_PATTERN },
    errors: { type: "array", items: PROBLEM_PLACE_SCHEMA },
  },
} as const;
export type Problem = Static<typeof PROBLEM_SCHEMA>;
