import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import { definition, LogBuilder } from "../log-builder.ts";
import type { StreamLog } from "../vector.ts";

/** What a person expects of a case: worked out by hand from the specification, never taken from what the code gave. */
export interface Expected {
  /** In order, key by key; what is not named is not asserted. */
  readonly results: readonly Partial<StreamResult>[];
  readonly rejected: readonly Partial<StreamRejection>[];
}

export interface GoldenCase {
  /** Of the file. */
  readonly name: string;
  readonly summary: string;
  readonly log: StreamLog;
  readonly expected: Expected;
}

export interface CaseOptions {
  readonly definitions?: readonly StreamDefinition[];
  readonly definitionsKnownAfter?: readonly number[];
  readonly deletedAfter?: Readonly<Record<string, number>>;
  readonly log: (log: LogBuilder) => LogBuilder;
  readonly results: readonly Partial<StreamResult>[];
  readonly rejected?: readonly Partial<StreamRejection>[];
}

export function goldenCase(name: string, summary: string, options: CaseOptions): GoldenCase {
  const { definitions = [definition()], definitionsKnownAfter, deletedAfter, log, results, rejected = [] } = options;
  return {
    name,
    summary,
    log: {
      definitions,
      ...(definitionsKnownAfter === undefined ? {} : { definitionsKnownAfter }),
      ...(deletedAfter === undefined ? {} : { deletedAfter }),
      records: log(new LogBuilder()).records,
    },
    expected: { results, rejected },
  };
}

/** A window's result. */
export function gives(
  seq: number,
  revision: number,
  start: number,
  end: number,
  points: number,
  more: Partial<StreamResult> = {},
): Partial<StreamResult> {
  return { window_seq: seq, revision, window_start: start, window_end: end, superseded_by: null, points, ...more };
}

export function retracts(seq: number, revision: number, start: number, end: number, by: number): Partial<StreamResult> {
  return {
    ...{ window_seq: seq, revision, window_start: start, window_end: end, superseded_by: by },
    ...{ points: 0, points_used: 0, cover_radius: null, threshold: 0, diagrams: [], values: [], alerts: [] },
  };
}

const REASONS = { window_closed: "late", revisions_exhausted: "late", invalid_point: "poison" } as const;

/** A point of a record that is not taken. */
export function rejects(
  offset: number,
  index: number,
  code: string,
  t: number,
  more: Partial<StreamRejection> = {},
): Partial<StreamRejection> {
  const reason = REASONS[code as keyof typeof REASONS] ?? "failed";
  return { origin: `record:3:${offset}:${index}`, code, reason, t, ...more };
}
