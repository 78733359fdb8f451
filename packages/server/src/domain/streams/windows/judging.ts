import type { StreamDefinition, WindowType } from "@tda-platform/contract/events/stream-definition";
import type { StreamPoint } from "@tda-platform/contract/events/stream-event";
import { count } from "./count.ts";
import type { KeyState } from "./key-state.ts";
import { type Outcome, type RecordOrigin, type RejectionCode, rejectPoint } from "./outcomes.ts";
import { session } from "./session.ts";
import { tumblingOrSliding } from "./tumbling-sliding.ts";
import type { Arrival, WindowKind } from "./window-kind.ts";

const KINDS: Readonly<Record<WindowType, WindowKind>> = {
  tumbling: tumblingOrSliding,
  sliding: tumblingOrSliding,
  session,
  count,
};

/** Judges one point against the watermark that the points before it left, and takes or rejects it. */
export function consumePoint(
  state: KeyState,
  definition: StreamDefinition,
  origin: RecordOrigin,
  point: StreamPoint,
  outcomes: Outcome[],
): void {
  state.lastSeq += 1;
  const arrival = { state, definition, origin, t: point.t, outcomes };
  const kind = KINDS[definition.window_type];
  const refusal = judge(kind, arrival, point);
  if (refusal !== null) {
    outcomes.push(rejectPoint(origin, point, refusal));
    return;
  }
  const late = kind.take(arrival);
  state.points.insert(point.t, point.v);
  kind.settle(arrival, late);
}

function judge(kind: WindowKind, arrival: Arrival, { v }: StreamPoint): RejectionCode | null {
  const { state, definition } = arrival;
  if (!isPoint(v, definition.point_dimension)) return "invalid_point";
  const late = kind.judge(arrival);
  if (late !== null) return late;
  return state.points.size >= definition.max_held_points ? "too_many_points" : null;
}

function isPoint(v: readonly number[], dimension: number): boolean {
  return v.length === dimension && v.every(Number.isFinite);
}
