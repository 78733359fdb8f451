import type { SettingKey } from "./settings.ts";

/** One bound of the service: fixed by this version, or the value of a setting. */
export interface LimitDefinition {
  readonly unit:
    | "bytes"
    | "seconds"
    | "milliseconds"
    | "points"
    | "dimensions"
    | "levels"
    | "times"
    | "characters"
    | "computations"
    | "requests_per_second"
    | "count";
  readonly value: { readonly fixed: number } | { readonly setting: SettingKey };
  readonly summary: string;
  /** Code of the problem that passing the limit is answered with; null where nothing is refused. */
  readonly problem: string | null;
}

/** The engine's highest dimension (`TDA_MAX_DIMENSION` of tda.h); the setting may lower it. */
export const ENGINE_MAX_DIMENSION = 16;
/** The largest prime below 2^15. */
export const MAX_COEFFICIENT_FIELD = 32_749;
/** Deeper JSON is refused before it is parsed: a recursive parser's stack is not the client's to fill. */
export const MAX_JSON_DEPTH = 32;
export const MAX_COMPRESSION_RATIO = 100;
export const MAX_HEADER_BYTES = 16_384;
export const MAX_THREADS = 256;
/** Places listed in one problem document. */
export const MAX_PROBLEM_PLACES = 16;
/** Larger bodies are parsed by a worker thread, so that no request holds up the others for more than milliseconds. */
export const INLINE_PARSE_BYTES = 1_048_576;
/** Simplices of all cocycles or cycles of one answer: about 100 MB of JSON. */
export const MAX_CHAIN_SIMPLICES = 4_000_000;
/** Time for a request's headers, and for all of it, to arrive. */
export const HEADERS_TIMEOUT_SECONDS = 20;
export const REQUEST_TIMEOUT_SECONDS = 300;
/** An estimate may be off by this factor before a synchronous computation is given up. */
export const SYNC_DEADLINE_FACTOR = 10;
/** Computations in progress beyond which a server admits none that waits (setting) and how soon to ask again. */
export const RETRY_AFTER_SECONDS = 2;

/** Jobs of one batch, and jobs that one request cancels by filter. */
export const JOB_BATCH_LIMIT = 1_000;
export const JOB_CANCEL_LIMIT = 1_000;
/** Priorities go from minus this to this. */
export const JOB_PRIORITY_LIMIT = 100;
/** Longest deadline and processor time of a job: a year. */
export const MAX_JOB_SECONDS = 31_536_000;
/** Streams of events that one process serves at the same time. */
export const EVENT_STREAM_LIMIT = 1_000;
/** After so long a stream ends, and who follows it comes back. */
export const EVENT_STREAM_SECONDS = 600;
/** A job that fails for reasons not its own waits this long for its next attempt, twice as long each time, at most so long. */
export const JOB_RETRY = { firstSeconds: 0.5, longestSeconds: 300 } as const;
/** Longest record of a CSV file that is inspected as it arrives. */
export const MAX_CSV_RECORD_BYTES = 16_777_216;
/** Largest message of an Arrow stream, and column chunk of a Parquet row group: what an inspection holds at a time. */
export const MAX_BATCH_BYTES = 67_108_864;
/** Columns of a columnar file. */
export const MAX_TABLE_COLUMNS = 16_384;
/** Answers to requests with an `Idempotency-Key`. */
export const IDEMPOTENCY_HOURS = 24;
export const IDEMPOTENCY_ANSWER_BYTES = 4_194_304;

/** Items of a page of a list. */
export const PAGE_DEFAULT_ITEMS = 50;
export const PAGE_MAX_ITEMS = 200;

/** Of a password; what makes it hard to guess is length. */
export const PASSWORD_MIN_CHARACTERS = 12;
export const PASSWORD_MAX_CHARACTERS = 256;
/** Failed logins in `LOGIN_WINDOW_SECONDS`: of one user from one address, of one address, of one user from anywhere. */
export const LOGIN_ATTEMPTS = { userAtAddress: 10, address: 100, user: 100 } as const;
export const LOGIN_WINDOW_SECONDS = 900;
export const TICKET_SECONDS = 60;
export const MAX_KEYS_PER_PROJECT = 1_000;
export const MAX_MEMBERS_PER_PROJECT = 10_000;
export const MAX_PROJECTS = 10_000;
export const MAX_KEY_OVERLAP_SECONDS = 604_800;
/** A revoked credential is refused after at most this; usually at once. */
export const REVOCATION_SECONDS = 60;
/** Seconds for which a webhook secret that was replaced still signs: unless told, and at most. */
export const WEBHOOK_OVERLAP_SECONDS = 86_400;
export const WEBHOOK_OVERLAP_SECONDS_MAX = 604_800;
/** Webhooks to one host at the same time, from each instance. */
export const WEBHOOKS_PER_HOST = 4;
/** What is read of a webhook's answer. */
export const WEBHOOK_RESPONSE_BYTES = 4_096;

/** Every limit of the service, as `GET /v1/limits` and the reference page tell it. */
export const LIMITS = {
  body_bytes: {
    unit: "bytes",
    value: { setting: "bodyLimitBytes" },
    summary: "A request body, after decompression.",
    problem: "body_too_large",
  },
  compression_ratio: {
    unit: "times",
    value: { fixed: MAX_COMPRESSION_RATIO },
    summary: "Decompressed size of a body over its compressed size.",
    problem: "compression_ratio_exceeded",
  },
  json_depth: {
    unit: "levels",
    value: { fixed: MAX_JSON_DEPTH },
    summary: "Nesting of arrays and objects in a JSON body.",
    problem: "json_too_deep",
  },
  header_bytes: {
    unit: "bytes",
    value: { fixed: MAX_HEADER_BYTES },
    summary: "Request line and headers together.",
    problem: "headers_too_large",
  },
  request_id_characters: {
    unit: "characters",
    value: { fixed: 64 },
    summary: "A client's `X-Request-Id`; a longer one is replaced.",
    problem: null,
  },
  problem_places: {
    unit: "count",
    value: { fixed: MAX_PROBLEM_PLACES },
    summary: "Places that one problem document lists.",
    problem: null,
  },
  headers_seconds: {
    unit: "seconds",
    value: { fixed: HEADERS_TIMEOUT_SECONDS },
    summary: "Time for the headers of a request to arrive.",
    problem: "request_timeout",
  },
  request_seconds: {
    unit: "seconds",
    value: { fixed: REQUEST_TIMEOUT_SECONDS },
    summary: "Time for a whole request to arrive.",
    problem: "request_timeout",
  },
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
  page_items: {
    unit: "count",
    value: { fixed: PAGE_MAX_ITEMS },
    summary: "Items of one page of a list.",
    problem: "validation_failed",
  },
  password_characters: {
    unit: "characters",
    value: { fixed: PASSWORD_MIN_CHARACTERS },
    summary: "Shortest password of a user.",
    problem: "weak_password",
  },
  failed_logins: {
    unit: "count",
    value: { fixed: LOGIN_ATTEMPTS.userAtAddress },
    summary: "Failed logins of one user from one address in a quarter of an hour; ten times as many of one of the two.",
    problem: "too_many_attempts",
  },
  ticket_seconds: {
    unit: "seconds",
    value: { fixed: TICKET_SECONDS },
    summary: "Life of a one-use ticket.",
    problem: "invalid_token",
  },
  access_token_seconds: {
    unit: "seconds",
    value: { setting: "accessTokenSeconds" },
    summary: "Life of an access token of the built-in issuer.",
    problem: "invalid_token",
  },
  revocation_seconds: {
    unit: "seconds",
    value: { fixed: REVOCATION_SECONDS },
    summary: "Time after which a revoked credential is refused by every server.",
    problem: null,
  },
  keys_per_project: {
    unit: "count",
    value: { fixed: MAX_KEYS_PER_PROJECT },
    summary: "API keys of one project.",
    problem: "count_limit_exceeded",
  },
  members_per_project: {
    unit: "count",
    value: { fixed: MAX_MEMBERS_PER_PROJECT },
    summary: "Users who are members of one project.",
    problem: "count_limit_exceeded",
  },
  projects: {
    unit: "count",
    value: { fixed: MAX_PROJECTS },
    summary: "Projects of the installation.",
    problem: "count_limit_exceeded",
  },
  points: {
    unit: "points",
    value: { setting: "maxPoints" },
    summary: "Points of one input.",
    problem: "point_limit_exceeded",
  },
  max_dimension: {
    unit: "dimensions",
    value: { setting: "maxDimension" },
    summary: "Highest homology dimension of a computation.",
    problem: "dimension_limit_exceeded",
  },
  coefficient_field: {
    unit: "count",
    value: { fixed: MAX_COEFFICIENT_FIELD },
    summary: "Largest prime that can be the coefficient field.",
    problem: "invalid_coefficient_field",
  },
  threads: {
    unit: "count",
    value: { fixed: MAX_THREADS },
    summary: "Threads that a request may ask for; the engine uses no more than the machine has.",
    problem: "validation_failed",
  },
  memory_bytes: {
    unit: "bytes",
    value: { setting: "memoryLimitBytes" },
    summary: "Memory of one computation; a larger `memory_limit_bytes` is lowered to it.",
    problem: "memory_limit_exceeded",
  },
  synchronous_seconds: {
    unit: "seconds",
    value: { setting: "syncLimitSeconds" },
    summary: "Estimated time of a computation that is answered synchronously.",
    problem: "cost_limit_exceeded",
  },
  synchronous_deadline_factor: {
    unit: "times",
    value: { fixed: SYNC_DEADLINE_FACTOR },
    summary: "A synchronous computation that takes this many times `synchronous_seconds` is cancelled.",
    problem: "computation_timeout",
  },
  concurrent_computations: {
    unit: "computations",
    value: { setting: "maxConcurrentComputations" },
    summary: "Computations that run at the same time.",
    problem: null,
  },
  queued_computations: {
    unit: "computations",
    value: { setting: "maxQueuedComputations" },
    summary: "Computations that wait for their turn.",
    problem: "overloaded",
  },
  chain_simplices: {
    unit: "count",
    value: { fixed: MAX_CHAIN_SIMPLICES },
    summary: "Simplices of all cocycles or cycles of one answer.",
    problem: "result_too_large",
  },
  batch_jobs: {
    unit: "count",
    value: { fixed: JOB_BATCH_LIMIT },
    summary: "Jobs of one batch.",
    problem: "validation_failed",
  },
  cancelled_jobs: {
    unit: "count",
    value: { fixed: JOB_CANCEL_LIMIT },
    summary: "Jobs that one request cancels by filter; `more` says that it is to be sent again.",
    problem: null,
  },
  job_seconds: {
    unit: "seconds",
    value: { setting: "maxJobSeconds" },
    summary: "Estimated time of a job; 0: no limit.",
    problem: "job_limit_exceeded",
  },
  job_memory_bytes: {
    unit: "bytes",
    value: { setting: "maxJobMemoryBytes" },
    summary: "Estimated memory of a job; 0: no limit.",
    problem: "job_limit_exceeded",
  },
  concurrent_jobs: {
    unit: "count",
    value: { setting: "jobConcurrency" },
    summary: "Jobs that one worker process runs at the same time.",
    problem: null,
  },
  job_lease_seconds: {
    unit: "seconds",
    value: { setting: "jobLeaseSeconds" },
    summary: "A worker that does not report for so long loses its jobs, which are tried again.",
    problem: "job_lease_lost",
  },
  job_attempts: {
    unit: "count",
    value: { setting: "jobMaxAttempts" },
    summary: "Times that a job may fail for reasons not its own before it is dead.",
    problem: null,
  },
  job_retry_seconds: {
    unit: "seconds",
    value: { fixed: JOB_RETRY.longestSeconds },
    summary: "Longest wait of a job for its next attempt.",
    problem: null,
  },
  event_streams: {
    unit: "count",
    value: { fixed: EVENT_STREAM_LIMIT },
    summary: "Streams of events that one process serves at the same time.",
    problem: "overloaded",
  },
  event_stream_seconds: {
    unit: "seconds",
    value: { fixed: EVENT_STREAM_SECONDS },
    summary: "A stream of events ends after so long; a client that comes back misses nothing.",
    problem: null,
  },
  cache_bytes: {
    unit: "bytes",
    value: { setting: "cacheLimitBytes" },
    summary: "Cached results in memory; the least recently used leave first.",
    problem: null,
  },
  shared_cache_value_bytes: {
    unit: "bytes",
    value: { setting: "sharedCacheValueBytes" },
    summary: "A result that is kept in the shared cache, where there is one.",
    problem: null,
  },
  requests_per_second: {
    unit: "requests_per_second",
    value: { setting: "rateLimitPerSecond" },
    summary: "Requests of one API key or user; 0: no limit.",
    problem: "rate_limited",
  },
  requests_at_once: {
    unit: "count",
    value: { setting: "rateLimitBurst" },
    summary: "Requests of one API key or user after a pause, at once.",
    problem: "rate_limited",
  },
  project_requests_per_second: {
    unit: "requests_per_second",
    value: { setting: "projectRateLimitPerSecond" },
    summary: "Requests of one project; 0: no limit.",
    problem: "rate_limited",
  },
  project_concurrent_computations: {
    unit: "computations",
    value: { setting: "projectConcurrentComputations" },
    summary: "Computations of one project in progress; 0: no limit of its own.",
    problem: "concurrency_limit_exceeded",
  },
  project_jobs: {
    unit: "count",
    value: { setting: "projectJobs" },
    summary: "Jobs of one project that are queued or running; 0: no limit.",
    problem: "job_quota_exceeded",
  },
  project_storage_bytes: {
    unit: "bytes",
    value: { setting: "projectStorageBytes" },
    summary: "Bytes of one project's datasets and uploads in progress; 0: no limit.",
    problem: "storage_quota_exceeded",
  },
  project_cpu_seconds_per_hour: {
    unit: "seconds",
    value: { setting: "projectCpuSecondsPerHour" },
    summary: "CPU seconds of one project in a clock hour; 0: no limit.",
    problem: "cpu_quota_exceeded",
  },
  idempotency_seconds: {
    unit: "seconds",
    value: { fixed: IDEMPOTENCY_HOURS * 3600 },
    summary: "Time for which the answer to a request with an `Idempotency-Key` is kept.",
    problem: null,
  },
  idempotency_answer_bytes: {
    unit: "bytes",
    value: { fixed: IDEMPOTENCY_ANSWER_BYTES },
    summary: "An answer that is kept for an `Idempotency-Key`.",
    problem: null,
  },
  webhook_attempts: {
    unit: "times",
    value: { setting: "webhookMaxAttempts" },
    summary: "Attempts of a webhook before it is dead.",
    problem: null,
  },
  webhook_milliseconds: {
    unit: "milliseconds",
    value: { setting: "webhookTimeoutMs" },
    summary: "Time for one attempt of a webhook.",
    problem: null,
  },
  webhooks_at_once: {
    unit: "count",
    value: { setting: "webhookConcurrency" },
    summary: "Webhooks that one instance delivers at the same time.",
    problem: null,
  },
  webhooks_per_host: {
    unit: "count",
    value: { fixed: WEBHOOKS_PER_HOST },
    summary: "Webhooks that one instance delivers to one host at the same time.",
    problem: null,
  },
  webhook_response_bytes: {
    unit: "bytes",
    value: { fixed: WEBHOOK_RESPONSE_BYTES },
    summary: "What is read of the answer to a webhook; the rest is cut off.",
    problem: null,
  },
  webhook_overlap_seconds: {
    unit: "seconds",
    value: { fixed: WEBHOOK_OVERLAP_SECONDS_MAX },
    summary: "How long a replaced webhook secret may still sign beside the new one.",
    problem: "validation_failed",
  },
} as const satisfies Record<string, LimitDefinition>;

export type LimitName = keyof typeof LIMITS;
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** Bodies larger than this, plain or compressed, go to a worker thread. Told, because it explains latencies. */
export const WORKER_THRESHOLDS = {
  plainBytes: INLINE_PARSE_BYTES,
  compressedBytes: INLINE_PARSE_BYTES / MAX_COMPRESSION_RATIO,
};
