import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamPoint } from "@tda-platform/contract/events/stream-event";
import type { RejectionReason, StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { LogPosition } from "../../log/event-log.ts";

/** Which window of which key, and which of its revisions. */
export interface WindowName {
  readonly projectId: string;
  readonly streamId: string;
  readonly key: string;
  readonly definition: StreamDefinition;
  readonly seq: number;
  readonly revision: number;
  readonly openedAt: number;
  readonly start: number;
  readonly end: number;
}

/** A window is to be evaluated, with these points by (t, order of arrival), row by row. */
export interface Firing {
  readonly kind: "firing";
  readonly window: WindowName;
  readonly values: Float64Array;
}

/** A session that has given results is part of another one now. */
export interface Retraction {
  readonly kind: "retraction";
  readonly window: WindowName;
  readonly supersededBy: number;
}

export interface Rejection {
  readonly kind: "rejection";
  readonly value: StreamRejection;
}

/** What is remembered of the key's diagrams is as at first from here on. */
export interface Renewal {
  readonly kind: "renewal";
}

/** What a record brings about, in order. */
export type Outcome = Firing | Retraction | Rejection | Renewal;

/** Why a record's point is not taken: code, reason and detail of docs/reference/stream-semantics.md. */
export const REJECTIONS = {
  window_closed: ["late", "Every window of the point is closed."],
  revisions_exhausted: ["late", "The windows of the point have had their last revision."],
  invalid_point: ["poison", "A point has as many finite numbers as the stream's dimension."],
  too_many_points: ["failed", "The key holds as many points as it may."],
  batch_conflict: ["failed", "The batch was seen with another content."],
  definition_unknown: ["failed", "The definition of the record is not known, and too much waits for it."],
  undecodable_record: ["poison", "The record cannot be decoded."],
} as const satisfies Readonly<Record<string, readonly [RejectionReason, string]>>;
export type RejectionCode = keyof typeof REJECTIONS;
export type LateCode = "window_closed" | "revisions_exhausted";

/** Of a record what its rejections and windows name. */
export interface RecordOrigin {
  readonly projectId: string;
  readonly streamId: string;
  readonly key: string;
  /** The version in force, or, while it waits, its own. */
  readonly definitionVersion: number;
  readonly receivedAt: number;
  readonly position: LogPosition;
}

export function rejectPoint(origin: RecordOrigin, point: StreamPoint, code: RejectionCode): Rejection {
  const [reason, detail] = REJECTIONS[code];
  const { partition, offset } = origin.position;
  return {
    kind: "rejection",
    value: {
      project_id: origin.projectId,
      stream_id: origin.streamId,
      key: origin.key,
      definition_version: origin.definitionVersion,
      origin: `record:${partition}:${offset}:${point.index}`,
      reason,
      code,
      detail,
      received_at: origin.receivedAt,
      t: point.t,
      v: point.v,
      raw: null,
    },
  };
}
