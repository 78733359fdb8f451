import type { JsonSchema } from "../json-schema.ts";
import type { Permission } from "../permissions.ts";
import type { ProblemCode } from "../problems.ts";

export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Groups of the reference, in this order. */
export const OPERATION_TAGS = {
  Compute: "Persistent homology of data in the request.",
  Jobs: "Computations that nobody waits for: submit, follow, cancel, fetch the result.",
  Streams: "Points as they come, and the topology of their windows.",
  Identity: "Tokens, API keys, users, projects and the audit log.",
  Datasets: "Points and distances that are kept, to be computed with by `dataset_id`.",
  Uploads: "Resumable uploads of datasets (tus 1.0).",
  Webhooks: "Calls that tell the end of jobs, their log and their secrets.",
  Erasure: "Deletion of all that is of a project.",
  Operations: "Health, metrics, versions and limits.",
} as const;
export type OperationTag = keyof typeof OPERATION_TAGS;

export interface OperationResponse {
  readonly status: 101 | 200 | 201 | 202 | 204 | 206 | 302 | 304;
  readonly description: string;
  /** Empty: no body. */
  readonly bodies: Readonly<Record<string, JsonSchema>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** One thing that a client can do. Routes, OpenAPI and the reference come from this table. */
export interface OperationDefinition {
  readonly method: HttpMethod;
  /** Parameters of the path in braces: `/v1/jobs/{job_id}`. */
  readonly path: string;
  /** Further paths with the same answer. */
  readonly aliases: readonly string[];
  readonly tag: OperationTag;
  readonly summary: string;
  readonly description: string;
  /** What the caller must be allowed to do; null: no credentials are needed. */
  readonly permission: Permission | null;
  readonly request: {
    /** Of the path, by name. What does not match its schema names nothing: 404. */
    readonly path?: Readonly<Record<string, JsonSchema & { readonly description: string }>>;
    /** By media type. What is not JSON has no type: every text, or every sequence of bytes, is a body to look at. */
    readonly bodies: Readonly<Record<string, JsonSchema>>;
    readonly query: JsonSchema;
    readonly headers: Readonly<Record<string, JsonSchema & { readonly description: string }>>;
  } | null;
  /** Whether it takes its body as it arrives instead of in memory: bodies larger than `body_bytes` are no problem for it. */
  readonly isStreamed?: boolean;
  /** Whether it is refused when only the disk's reserve is left, because it stores something. */
  readonly needsRoom?: boolean;
  /** It creates something: an `Idempotency-Key` makes repeated requests one. */
  readonly creates?: true;
  readonly response: OperationResponse;
  /** Further answers that are no problem, by other statuses. */
  readonly alternatives?: readonly OperationResponse[];
  /** What it can answer beyond `COMMON_PROBLEMS`. */
  readonly problems: readonly ProblemCode[];
}

/** What any operation can answer: of HTTP itself, of access, and of defects. */
export const COMMON_PROBLEMS = [
  "bad_request",
  "host_not_allowed",
  "origin_not_allowed",
  "forwarding_not_allowed",
  "request_timeout",
  "headers_too_large",
  "internal_error",
] as const satisfies readonly ProblemCode[];

/** What an operation that needs a permission can answer besides. */
export const ACCESS_PROBLEMS = [
  "authentication_required",
  "invalid_api_key",
  "invalid_token",
  "permission_denied",
  "not_found",
  "rate_limited",
  "storage_unavailable",
  "issuer_unavailable",
] as const satisfies readonly ProblemCode[];

/** What an operation that creates something can answer to a request with an `Idempotency-Key`. */
export const IDEMPOTENCY_PROBLEMS = [
  "invalid_idempotency_key",
  "idempotency_in_progress",
  "idempotency_key_reused",
] as const satisfies readonly ProblemCode[];

/** What an operation that reads a body can answer. */
export const BODY_PROBLEMS = [
  "invalid_json",
  "json_too_deep",
  "invalid_csv",
  "invalid_npy",
  "invalid_arrow",
  "invalid_content_encoding",
  "body_too_large",
  "compression_ratio_exceeded",
  "unsupported_media_type",
  "unsupported_content_encoding",
] as const satisfies readonly ProblemCode[];

/** What an operation that reads a JSON body of its own schema can answer. */
export const JSON_BODY_PROBLEMS = [
  "invalid_json",
  "json_too_deep",
  "invalid_content_encoding",
  "body_too_large",
  "compression_ratio_exceeded",
  "unsupported_media_type",
  "unsupported_content_encoding",
  "validation_failed",
  "unknown_field",
] as const satisfies readonly ProblemCode[];

/** What an operation that reads the input of a computation can answer. */
export const INPUT_PROBLEMS = [
  "validation_failed",
  "unknown_field",
  "missing_input",
  "multiple_inputs",
  "ragged_rows",
  "not_a_number",
  "negative_distance",
  "asymmetric_distance",
  "diagonal_above_edge",
  "index_out_of_range",
  "conflicting_entries",
  "zero_vector",
  "distance_overflow",
  "invalid_coefficient_field",
  "invalid_metric",
  "not_supported",
  "dimension_limit_exceeded",
  "point_limit_exceeded",
  "index_overflow",
  "memory_limit_exceeded",
  "dataset_input_too_large",
  "not_found",
  "insufficient_storage",
  "invalid_idempotency_key",
] as const satisfies readonly ProblemCode[];

/** What an operation that computes can answer. */
export const ENGINE_PROBLEMS = [
  "overloaded",
  "out_of_memory",
  "engine_failed",
  "engine_unavailable",
  "storage_unavailable",
  "shutting_down",
  "computation_timeout",
  "concurrency_limit_exceeded",
  "cpu_quota_exceeded",
] as const satisfies readonly ProblemCode[];

/** A request without query parameters. */
export const NO_QUERY = { type: "object", additionalProperties: false, properties: {} } as const;
