import { JOB_EVENT_TYPES } from "../jobs.ts";
import type { TopicName } from "./topics.ts";

/** Headers of every record: CloudEvents 1.0 (https://cloudevents.io/, binary mode of its Kafka binding) and W3C Trace Context. */
export const EVENT_HEADERS = {
  ce_specversion: "`1.0`",
  ce_id: "Unique with `ce_source`: the same again is the same event again.",
  ce_source: "What it happened to, as a path of the API.",
  ce_type: "What happened; below for each topic.",
  ce_time: "When, RFC 3339 in UTC.",
  traceparent: "Trace that it belongs to, where there is one.",
} as const;

/** `ce_type` of the records of each topic. */
export const CLOUD_EVENT_TYPES = {
  events: ["stream.points", "stream.flush"],
  streams: ["stream.created", "stream.changed", "stream.deleted"],
  results: ["stream.result"],
  rejected: ["stream.rejected"],
  jobs: JOB_EVENT_TYPES,
  job_statistics: ["job.statistics"],
  computations: ["computation.completed"],
} as const satisfies Readonly<Record<TopicName, readonly string[]>>;
