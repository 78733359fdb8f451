import type { LimitDefinition } from "./definition.ts";
import {
  EVENT_STREAM_LIMIT,
  EVENT_STREAM_SECONDS,
  JOB_BATCH_LIMIT,
  JOB_CANCEL_LIMIT,
  JOB_RETRY,
  WEBHOOK_OVERLAP_SECONDS_MAX,
  WEBHOOK_RESPONSE_BYTES,
  WEBHOOKS_PER_HOST,
} from "./values.ts";

/** Of jobs, their events and webhooks. */
export const JOBS_LIMITS = {
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
