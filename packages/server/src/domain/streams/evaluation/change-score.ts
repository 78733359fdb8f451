import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { readRobustZScore } from "@tda-platform/engine/features";
import type { Feature } from "@tda-platform/engine/types";
import type { WindowName } from "../windows/outcomes.ts";
import { type ChangeState, changeDimensions, rememberResult, resultBefore } from "./changes.ts";
import type { EngineCalls } from "./engine-calls.ts";
import type { EvaluatedWindow } from "./evaluate-window.ts";

export interface ChangeScore {
  readonly distance: number | null;
  readonly zScore: number | null;
}

export const NO_CHANGE_SCORE: ChangeScore = { distance: null, zScore: null };

/**
 * Step 5 of a firing: how far the window is from the one before it, and how unusual that is. Windows of a key come in the order of their firings.
 * The state changes only once the engine has answered everything. @throws WindowFailed; the reason for which the calls end
 */
export async function scoreChange(
  calls: EngineCalls,
  state: ChangeState,
  { definition, seq, revision }: WindowName,
  window: EvaluatedWindow,
): Promise<ChangeScore> {
  const diagrams = changeDimensions(definition).map((k) =>
    withDeaths(window.diagrams[k] as Float64Array, window.threshold),
  );
  const distance = await distanceTo(calls, definition, resultBefore(state, seq)?.diagrams ?? null, diagrams);
  const zScore = distance === null ? null : await robustZScore(calls, definition, state.distances, distance);
  if (distance !== null && revision === 0) {
    state.distances.push(distance);
    if (state.distances.length > definition.change_history) state.distances.shift();
  }
  rememberResult(state, { seq, diagrams });
  return { distance, zScore };
}

function withDeaths(pairs: Float64Array, threshold: number): Float64Array {
  return pairs.map((value) => (value === Number.POSITIVE_INFINITY ? threshold : value));
}

async function distanceTo(
  calls: EngineCalls,
  { change_distance: kind, change_p: order, max_engine_bytes: limitBytes }: StreamDefinition,
  before: readonly Float64Array[] | null,
  diagrams: readonly Float64Array[],
): Promise<number | null> {
  if (before === null || diagrams.length === 0) return null;
  const features = diagrams.map((second, i): Feature => {
    const first = before[i] as Float64Array;
    if (kind === "bottleneck") return { kind: "bottleneck-distance", first, second };
    return { kind: "wasserstein-distance", first, second, order, norm: "infinity" };
  });
  const distances = await calls.features(features, limitBytes, "first");
  return Math.max(...distances.map(([distance]) => distance as number));
}

async function robustZScore(
  calls: EngineCalls,
  { max_engine_bytes: limitBytes }: StreamDefinition,
  history: readonly number[],
  distance: number,
): Promise<number | null> {
  if (history.length === 0) return null;
  const feature = {
    kind: "robust-z-score",
    first: Float64Array.from(history),
    second: Float64Array.of(distance),
  } as const;
  const [score] = await calls.features([feature], limitBytes, "first");
  return readRobustZScore(score as Float64Array);
}
