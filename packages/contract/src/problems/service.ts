import type { ProblemDefinition } from "./definition.ts";

/** The server's own state: 5xx. */
export const SERVICE_PROBLEMS = {
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
    title: "Storage not available",
    retryable: true,
    meaning:
      "The database, or the store of datasets, does not answer. A computation that could not be recorded is not answered.",
    remedy: "Try again after `Retry-After` seconds.",
  },
  issuer_unavailable: {
    status: 503,
    title: "Identity provider not available",
    retryable: true,
    meaning: "The keys of the identity provider that issued the token could not be fetched.",
    remedy: "Try again after `Retry-After` seconds; the operator checks `TDA_OIDC_ISSUER`.",
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
