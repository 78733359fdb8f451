import type { Static } from "typebox";
import { CIRCULAR_REQUEST_SCHEMA } from "./circular-coordinates.ts";
import { RIPS_REQUEST_SCHEMA } from "./compute-input.ts";
import { idPattern } from "./identifiers.ts";
import { JOB_BATCH_LIMIT, JOB_CANCEL_LIMIT, JOB_PRIORITY_LIMIT, MAX_JOB_SECONDS } from "./limits.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "./pages.ts";
import { PROBLEM_SCHEMA, type ProblemCode } from "./problems.ts";

/** States of a job. The last three are final: a job reaches one of them, once. */
export const JOB_STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const FINAL_JOB_STATUSES = ["succeeded", "failed", "cancelled"] as const satisfies readonly JobStatus[];

export function isFinal(status: JobStatus): boolean {
  return status !== "queued" && status !== "running";
}

export const JOB_ALGORITHMS = ["vietoris-rips", "circular-coordinates"] as const;
export type JobAlgorithm = (typeof JOB_ALGORITHMS)[number];

/** Problems that are met in the `error` of a job, and are no answer of an operation. */
export const JOB_ERROR_CODES = [
  "job_deadline_exceeded",
  "job_cpu_limit_exceeded",
  "job_lease_lost",
] as const satisfies readonly ProblemCode[];

/** What is told of a job as it happens, and written to the topic `tda_jobs`. */
export const JOB_EVENT_TYPES = [
  "job.submitted",
  "job.started",
  "job.progress",
  "job.retrying",
  "job.completed",
  "job.failed",
  "job.cancelled",
] as const;
export type JobEventType = (typeof JOB_EVENT_TYPES)[number];

/** An RFC 3339 time in UTC. */
export const TIME_PATTERN = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?Z$";

const time = { type: "string", format: "date-time" } as const;
const timeOrNull = { type: ["string", "null"], format: "date-time" } as const;
const amountOrNull = { type: ["number", "null"], minimum: 0 } as const;

/** Fields of a job beside its algorithm and input. */
const JOB_OPTIONS = {
  priority: {
    type: "integer",
    minimum: -JOB_PRIORITY_LIMIT,
    maximum: JOB_PRIORITY_LIMIT,
    default: 0,
    description: "Of two waiting jobs of a project the one of higher priority begins first; nobody waits forever.",
  },
  callback_url: {
    type: ["string", "null"],
    maxLength: 2048,
    default: null,
    description: "Where the end of the job is told by a webhook: an https or http URL without credentials.",
  },
  deadline_seconds: {
    type: ["number", "null"],
    exclusiveMinimum: 0,
    maximum: MAX_JOB_SECONDS,
    default: null,
    description: "The job fails when it has not finished this long after its submission. null: no deadline.",
  },
  cpu_limit_seconds: {
    type: ["number", "null"],
    exclusiveMinimum: 0,
    maximum: MAX_JOB_SECONDS,
    default: null,
    description: "Processor time of one attempt (time in the engine, times the threads it may use). null: no limit.",
  },
} as const;

/** Body of `job.create`. What `input` may be, `algorithm` says: the body of its compute operation. */
export const JOB_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["algorithm", "input"],
  properties: {
    algorithm: { type: "string", enum: JOB_ALGORITHMS, description: "What to compute." },
    input: {
      anyOf: [RIPS_REQUEST_SCHEMA, CIRCULAR_REQUEST_SCHEMA],
      description: "The body of the compute operation of the algorithm: data and parameters.",
    },
    ...JOB_OPTIONS,
  },
} as const;

/** The same without a look into the input, which is read by the reader of its operation. */
export const JOB_ENVELOPE_SCHEMA = {
  ...JOB_REQUEST_SCHEMA,
  properties: { ...JOB_REQUEST_SCHEMA.properties, input: { type: "object" } },
} as const;
export type JobEnvelope = Static<typeof JOB_ENVELOPE_SCHEMA>;
export type JobRequest = Omit<JobEnvelope, "input"> & { readonly input: object };

/** Body of `job.create_batch`. */
export const JOB_BATCH_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["jobs"],
  properties: { jobs: { type: "array", minItems: 1, maxItems: JOB_BATCH_LIMIT, items: JOB_REQUEST_SCHEMA } },
} as const;

export const JOB_WARNING_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["code", "detail"],
  properties: {
    code: {
      type: "string",
      enum: ["estimate_above_memory_limit", "estimate_above_deadline", "no_estimate", "callback_not_deliverable"],
    },
    detail: { type: "string" },
  },
} as const;
export type JobWarning = Static<typeof JOB_WARNING_SCHEMA>;

export const JOB_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "job_id",
    "algorithm",
    "status",
    "priority",
    "progress",
    "stage",
    "attempt",
    "dead",
    "warnings",
    "estimate",
    "callback_url",
    "created_at",
    "started_at",
    "finished_at",
    "error",
  ],
  properties: {
    job_id: { type: "string", pattern: idPattern("job") },
    algorithm: { type: "string", enum: JOB_ALGORITHMS },
    status: { type: "string", enum: JOB_STATUSES },
    priority: JOB_OPTIONS.priority,
    progress: { type: "number", minimum: 0, maximum: 1, description: "Never falls; 1 when the job has succeeded." },
    stage: { type: ["string", "null"], description: "What the engine is doing; null before it began." },
    attempt: { type: "integer", minimum: 0, description: "0 before the first; each new one is a number higher." },
    dead: { type: "boolean", description: "It failed as often as it may be tried, and waits to be redriven." },
    warnings: { type: "array", items: JOB_WARNING_SCHEMA },
    estimate: {
      anyOf: [
        {
          type: "object",
          additionalProperties: false,
          required: ["seconds", "bytes"],
          properties: { seconds: amountOrNull, bytes: amountOrNull },
        },
        { type: "null" },
      ],
      description: "Expected cost, which orders the queue; null: not known. `bytes` is null for what is surely small.",
    },
    callback_url: { type: ["string", "null"] },
    created_at: time,
    started_at: { ...timeOrNull, description: "Of the last attempt." },
    finished_at: timeOrNull,
    error: {
      anyOf: [PROBLEM_SCHEMA, { type: "null" }],
      description: "Of a failed job, and of one that waits for its next attempt: the problem.",
    },
  },
} as const;
export type Job = Static<typeof JOB_SCHEMA>;

/** One place of a batch: the job, or why there is none. */
export const JOB_BATCH_ITEM_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["index", "job", "problem"],
  properties: {
    index: { type: "integer", minimum: 0 },
    job: { anyOf: [JOB_SCHEMA, { type: "null" }] },
    problem: { anyOf: [PROBLEM_SCHEMA, { type: "null" }] },
  },
} as const;

export const JOB_BATCH_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["accepted", "rejected", "items"],
  properties: {
    accepted: { type: "integer", minimum: 0 },
    rejected: { type: "integer", minimum: 0 },
    items: { type: "array", items: JOB_BATCH_ITEM_SCHEMA, description: "In the order of the request." },
  },
} as const;
export type JobBatch = Static<typeof JOB_BATCH_SCHEMA>;

/** What is told of a job's event, in the stream of events and in the log. */
export const JOB_EVENT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["job_id", "algorithm", "status", "attempt", "progress", "stage", "error", "time"],
  properties: {
    job_id: JOB_SCHEMA.properties.job_id,
    algorithm: JOB_SCHEMA.properties.algorithm,
    status: JOB_SCHEMA.properties.status,
    attempt: JOB_SCHEMA.properties.attempt,
    progress: JOB_SCHEMA.properties.progress,
    stage: JOB_SCHEMA.properties.stage,
    error: { type: ["string", "null"], description: "The code of the problem." },
    time,
  },
} as const;
export type JobEventBody = Static<typeof JOB_EVENT_SCHEMA>;

/** One server-sent event of `job.events`, by the fields of its lines. Of a stream of events OpenAPI 3.1 describes each event. */
export const JOB_STREAM_EVENT_SCHEMA = {
  type: "object",
  required: ["event", "id", "data"],
  properties: {
    event: { type: "string", enum: JOB_EVENT_TYPES, description: "What happened." },
    id: { type: "string", pattern: "^[0-9]{1,9}$", description: "Number of the event, for `Last-Event-ID`." },
    data: {
      type: "string",
      contentMediaType: "application/json",
      contentSchema: JOB_EVENT_SCHEMA,
      description: "The job at that time, as JSON.",
    },
  },
} as const;

const FILTERS = {
  status: { type: "string", enum: JOB_STATUSES, description: "Only jobs of this status." },
  algorithm: { type: "string", enum: JOB_ALGORITHMS, description: "Only jobs of this algorithm." },
} as const;

export const JOB_LIST_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: { ...PAGE_QUERY_PROPERTIES, ...FILTERS },
} as const;
export type JobListQuery = Static<typeof JOB_LIST_QUERY_SCHEMA>;

export const JOB_PAGE_SCHEMA = pageSchema(JOB_SCHEMA);

/** Body of `job.cancel_many`: jobs that match all that is given. */
export const JOB_CANCEL_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    status: { type: "string", enum: ["queued", "running"], description: "Only jobs of this status." },
    algorithm: FILTERS.algorithm,
    created_before: { type: "string", pattern: TIME_PATTERN, description: "Only jobs submitted before this time." },
    job_ids: {
      type: "array",
      maxItems: JOB_CANCEL_LIMIT,
      items: { type: "string", pattern: idPattern("job") },
      description: "Only these.",
    },
  },
} as const;
export type JobCancelRequest = Static<typeof JOB_CANCEL_REQUEST_SCHEMA>;

export const JOB_CANCEL_RESULT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["cancelled", "more"],
  properties: {
    cancelled: { type: "integer", minimum: 0, description: "Jobs that this request cancelled." },
    more: { type: "boolean", description: "There may be more: send the request again." },
  },
} as const;
export type JobCancelResult = Static<typeof JOB_CANCEL_RESULT_SCHEMA>;

export const JOB_EVENTS_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ticket: { type: "string", maxLength: 200, description: "A one-use ticket in place of credentials in a header." },
  },
} as const;
