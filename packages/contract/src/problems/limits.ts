import type { ProblemDefinition } from "./definition.ts";

/** More than the caller or its project may use: 429 with `Retry-After`. Repeated requests: 409 and 422. */
export const LIMIT_PROBLEMS = {
  rate_limited: {
    status: 429,
    title: "Too many requests",
    retryable: true,
    meaning:
      "The caller, or its project, sends more requests a second than the limits `requests_per_second` and `project_requests_per_second` allow.",
    remedy: "Wait `Retry-After` seconds; `RateLimit` tells how many more may come.",
  },
  concurrency_limit_exceeded: {
    status: 429,
    title: "Too many computations at the same time",
    retryable: true,
    meaning: "The project has as many computations in progress as the limit `project_concurrent_computations`.",
    remedy: "Wait for one to end, or submit jobs, which wait in a queue.",
  },
  job_quota_exceeded: {
    status: 429,
    title: "Too many jobs",
    retryable: true,
    meaning: "The project would have more jobs queued or running than the limit `project_jobs`.",
    remedy: "Wait for some to end, or cancel some.",
  },
  storage_quota_exceeded: {
    status: 429,
    title: "Storage used up",
    retryable: false,
    meaning: "The project would store more bytes than the limit `project_storage_bytes`.",
    remedy: "Delete datasets that are no longer needed, or raise `TDA_PROJECT_STORAGE_BYTES`.",
  },
  cpu_quota_exceeded: {
    status: 429,
    title: "Computing time used up",
    retryable: true,
    meaning: "The project has used the CPU seconds of this hour, the limit `project_cpu_seconds_per_hour`.",
    remedy: "Wait `Retry-After` seconds, until the next full hour.",
  },
  idempotency_in_progress: {
    status: 409,
    title: "The same request is in progress",
    retryable: true,
    meaning: "A request with this `Idempotency-Key` is still being worked on.",
    remedy: "Wait `Retry-After` seconds and send it again: the answer is then that of the first.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "Idempotency key used for another request",
    retryable: false,
    meaning:
      "This `Idempotency-Key` was used within a day, for the same operation, with another body, query or media type.",
    remedy: "Use a new key for a new request.",
  },
} as const satisfies Record<string, ProblemDefinition>;
