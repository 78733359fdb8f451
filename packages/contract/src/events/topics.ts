import type { AvroRecord } from "./avro.ts";
import { COMPUTATION_EVENT } from "./computation-event.ts";
import { JOB_EVENT } from "./job-event.ts";
import { JOB_STATISTICS } from "./job-statistics.ts";
import { STREAM_DEFINITION } from "./stream-definition.ts";
import { STREAM_EVENT } from "./stream-event.ts";
import { STREAM_REJECTION } from "./stream-rejection.ts";
import { STREAM_RESULT } from "./stream-result.ts";

export interface TopicDefinition {
  /** Of the record's values; the subject in the registry is the topic's name and `-value`. */
  readonly schema: AvroRecord;
  /** What its records are keyed by. */
  readonly key: string;
  readonly isCompacted: boolean;
  /** Fixed for the topic's life where keys are ordered: a key's records stay in one partition. */
  readonly partitions: number;
  /** Of topics that are not compacted. */
  readonly retentionDays: number | null;
  readonly summary: string;
}

const DAYS = 7;

/** The topics, without the prefix (`tda_` unless told) that a deployment gives them. */
export const TOPICS = {
  events: {
    schema: STREAM_EVENT,
    key: "stream id, a line feed, key of the points",
    isCompacted: false,
    partitions: 16,
    retentionDays: DAYS,
    summary: "Points of streams and flushes, as they were accepted.",
  },
  streams: {
    schema: STREAM_DEFINITION,
    key: "stream id, a line feed, version; a tombstone under each on deletion",
    isCompacted: true,
    partitions: 1,
    retentionDays: null,
    summary: "Definitions of streams, by version.",
  },
  results: {
    schema: STREAM_RESULT,
    key: "stream id, a line feed, key of the points",
    isCompacted: false,
    partitions: 16,
    retentionDays: DAYS,
    summary: "Results of windows, one for each revision.",
  },
  rejected: {
    schema: STREAM_REJECTION,
    key: "stream id, a line feed, key of the points",
    isCompacted: false,
    partitions: 16,
    retentionDays: DAYS,
    summary: "Points and windows that gave no result, and why.",
  },
  jobs: {
    schema: JOB_EVENT,
    key: "job id",
    isCompacted: false,
    partitions: 16,
    retentionDays: DAYS,
    summary: "What happens to jobs.",
  },
  job_statistics: {
    schema: JOB_STATISTICS,
    key: "algorithm, a line feed, start of the minute",
    isCompacted: false,
    partitions: 1,
    retentionDays: DAYS,
    summary: "Counts of jobs by algorithm and minute, so far: the last record of a key counts.",
  },
  computations: {
    schema: COMPUTATION_EVENT,
    key: "project id",
    isCompacted: false,
    partitions: 16,
    retentionDays: DAYS,
    summary: "Computations that were answered at once.",
  },
} as const satisfies Readonly<Record<string, TopicDefinition>>;
export type TopicName = keyof typeof TOPICS;

/** Key of the records of a stream's key, in `events`, `results` and `rejected`. A stream id holds no line feed. */
export function recordKey(streamId: string, key: string): string {
  return `${streamId}\n${key}`;
}
