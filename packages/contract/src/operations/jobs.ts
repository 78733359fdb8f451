import { CIRCULAR_RESULT_SCHEMA } from "../circular-coordinates.ts";
import { RIPS_RESULT_SCHEMA } from "../compute-results.ts";
import { idPattern } from "../identifiers.ts";
import {
  JOB_BATCH_REQUEST_SCHEMA,
  JOB_BATCH_SCHEMA,
  JOB_CANCEL_REQUEST_SCHEMA,
  JOB_CANCEL_RESULT_SCHEMA,
  JOB_EVENTS_QUERY_SCHEMA,
  JOB_LIST_QUERY_SCHEMA,
  JOB_PAGE_SCHEMA,
  JOB_REQUEST_SCHEMA,
  JOB_SCHEMA,
  JOB_STREAM_EVENT_SCHEMA,
} from "../jobs.ts";
import { MEDIA_TYPES } from "../media-types.ts";
import { BODY_PROBLEMS, ENGINE_PROBLEMS, INPUT_PROBLEMS, NO_QUERY, type OperationDefinition } from "./definition.ts";

const JOB_PATH = {
  job_id: { type: "string", pattern: idPattern("job"), description: "The job." },
} as const;
const NO_BODY = { bodies: {}, query: NO_QUERY, headers: {} } as const;
const ONE_JOB = { path: JOB_PATH, ...NO_BODY } as const;
const SUBMISSION_PROBLEMS = [
  ...BODY_PROBLEMS,
  ...INPUT_PROBLEMS,
  "invalid_callback_url",
  "job_limit_exceeded",
  "job_quota_exceeded",
  ...ENGINE_PROBLEMS,
] as const;
const EMPTY_BODY_PROBLEMS = ["unknown_field", "unsupported_media_type", "body_too_large", "validation_failed"] as const;

export const JOB_OPERATIONS = {
  "job.create": {
    method: "POST",
    path: "/v1/jobs/compute",
    aliases: ["/jobs/compute"],
    tag: "Jobs",
    summary: "Submit a computation as a job",
    description:
      "Answers once the job is stored: whatever happens then, it ends in one of the final states. The input is checked before. Cost never refuses a job unless the operator has set a limit: an estimate above a budget is a warning in the job. Equal computations of a project run once, and each job has its own answer.",
    permission: "jobs.write",
    needsRoom: true,
    request: { bodies: { [MEDIA_TYPES.json]: JOB_REQUEST_SCHEMA }, query: NO_QUERY, headers: {} },
    creates: true,
    response: {
      status: 202,
      description: "The job.",
      bodies: { [MEDIA_TYPES.json]: JOB_SCHEMA },
      headers: { Location: "Of the job." },
    },
    problems: SUBMISSION_PROBLEMS,
  },
  "job.create_batch": {
    method: "POST",
    path: "/v1/jobs/batch",
    aliases: [],
    tag: "Jobs",
    summary: "Submit many computations as jobs",
    description:
      "Each item is taken or refused for itself: the answer has, in the order of the request, the job or the problem of each. Answers once all that are taken are stored.",
    permission: "jobs.write",
    needsRoom: true,
    request: { bodies: { [MEDIA_TYPES.json]: JOB_BATCH_REQUEST_SCHEMA }, query: NO_QUERY, headers: {} },
    creates: true,
    response: {
      status: 202,
      description: "The jobs.",
      bodies: { [MEDIA_TYPES.json]: JOB_BATCH_SCHEMA },
      headers: {},
    },
    problems: [...BODY_PROBLEMS, "validation_failed", "unknown_field", "shutting_down", "overloaded"],
  },
  "job.list": {
    method: "GET",
    path: "/v1/jobs",
    aliases: [],
    tag: "Jobs",
    summary: "List jobs",
    description: "Newest first.",
    permission: "jobs.read",
    request: { bodies: {}, query: JOB_LIST_QUERY_SCHEMA, headers: {} },
    response: { status: 200, description: "A page.", bodies: { [MEDIA_TYPES.json]: JOB_PAGE_SCHEMA }, headers: {} },
    problems: ["validation_failed", "unknown_field"],
  },
  "job.cancel_many": {
    method: "POST",
    path: "/v1/jobs/cancel",
    aliases: [],
    tag: "Jobs",
    summary: "Cancel jobs by filter",
    description: "Cancels waiting and running jobs that match all that is given.",
    permission: "jobs.manage",
    request: { bodies: { [MEDIA_TYPES.json]: JOB_CANCEL_REQUEST_SCHEMA }, query: NO_QUERY, headers: {} },
    response: {
      status: 200,
      description: "How many were cancelled.",
      bodies: { [MEDIA_TYPES.json]: JOB_CANCEL_RESULT_SCHEMA },
      headers: {},
    },
    problems: [...BODY_PROBLEMS, "validation_failed", "unknown_field", "shutting_down"],
  },
  "job.read": {
    method: "GET",
    path: "/v1/jobs/{job_id}",
    aliases: [],
    tag: "Jobs",
    summary: "Read a job",
    description: "Its state, progress and cost.",
    permission: "jobs.read",
    request: ONE_JOB,
    response: { status: 200, description: "The job.", bodies: { [MEDIA_TYPES.json]: JOB_SCHEMA }, headers: {} },
    problems: ["not_found", "unknown_field"],
  },
  "job.result": {
    method: "GET",
    path: "/v1/jobs/{job_id}/result",
    aliases: [],
    tag: "Jobs",
    summary: "Fetch the result of a job",
    description: "The body that the compute operation would have answered.",
    permission: "jobs.read",
    request: {
      path: JOB_PATH,
      ...NO_BODY,
      headers: { "If-None-Match": { type: "string", description: "`ETag` of a result that the client has." } },
    },
    response: {
      status: 200,
      description: "The result.",
      bodies: { [MEDIA_TYPES.json]: { anyOf: [RIPS_RESULT_SCHEMA, CIRCULAR_RESULT_SCHEMA] } },
      headers: { ETag: "Of this result; it never changes." },
    },
    alternatives: [{ status: 304, description: "The client has it.", bodies: {}, headers: { ETag: "As above." } }],
    problems: ["not_found", "unknown_field", "job_not_finished", "job_failed", "job_cancelled", "job_result_expired"],
  },
  "job.events": {
    method: "GET",
    path: "/v1/jobs/{job_id}/events",
    aliases: [],
    tag: "Jobs",
    summary: "Follow a job",
    description:
      "Server-sent events: every state and progress of the job with its number as `id`, and comments to keep the connection open. Ends with the job. A client that comes back with `Last-Event-ID` gets what it missed.",
    permission: "jobs.read",
    request: {
      path: JOB_PATH,
      bodies: {},
      query: JOB_EVENTS_QUERY_SCHEMA,
      headers: { "Last-Event-ID": { type: "string", description: "`id` of the last event that the client saw." } },
    },
    response: {
      status: 200,
      description: "Events, each of this form.",
      bodies: { [MEDIA_TYPES.events]: JOB_STREAM_EVENT_SCHEMA },
      headers: {},
    },
    alternatives: [
      { status: 204, description: "The job has ended, and all of its events were seen.", bodies: {}, headers: {} },
    ],
    problems: ["not_found", "unknown_field", "validation_failed", "overloaded", "shutting_down"],
  },
  "job.cancel": {
    method: "POST",
    path: "/v1/jobs/{job_id}/cancel",
    aliases: [],
    tag: "Jobs",
    summary: "Cancel a job",
    description: "Without a body. A finished job comes back unchanged.",
    permission: "jobs.write",
    request: ONE_JOB,
    response: { status: 200, description: "The job.", bodies: { [MEDIA_TYPES.json]: JOB_SCHEMA }, headers: {} },
    problems: ["not_found", ...EMPTY_BODY_PROBLEMS, "shutting_down"],
  },
  "job.redrive": {
    method: "POST",
    path: "/v1/jobs/{job_id}/redrive",
    aliases: [],
    tag: "Jobs",
    summary: "Try a failed job again",
    description: "Without a body. The job waits again as if it were new, with its input and parameters.",
    permission: "jobs.manage",
    request: ONE_JOB,
    response: { status: 200, description: "The job.", bodies: { [MEDIA_TYPES.json]: JOB_SCHEMA }, headers: {} },
    problems: ["not_found", "job_not_redrivable", ...EMPTY_BODY_PROBLEMS, "shutting_down"],
  },
} as const satisfies Record<string, OperationDefinition>;
