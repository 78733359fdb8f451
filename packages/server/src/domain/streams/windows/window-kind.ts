import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { KeyState, OpenWindow } from "./key-state.ts";
import type { LateCode, Outcome, RecordOrigin } from "./outcomes.ts";

/** A point on its way into a key, and where what it brings about goes. */
export interface Arrival {
  readonly state: KeyState;
  readonly definition: StreamDefinition;
  readonly origin: RecordOrigin;
  readonly t: number;
  readonly outcomes: Outcome[];
}

/** What differs between kinds of windows. The watermark is the one from before the point. */
export interface WindowKind {
  /** null: some window takes the point. Changes nothing. */
  judge(arrival: Arrival): LateCode | null;
  /** Opens and merges what the point opens and merges. Those of its windows that end at or before the watermark, by (end, start, seq): they fire at once. */
  take(arrival: Arrival): readonly OpenWindow[];
  /** With the point among the points: advances, fires, drops. */
  settle(arrival: Arrival, late: readonly OpenWindow[]): void;
}

/** Place of the first window whose end is above a time; windows are in the order of their ends. */
export function firstEndingAfter(windows: readonly OpenWindow[], t: number): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle] as OpenWindow).end <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function openWindow({ state, origin }: Arrival, start: number, end: number): OpenWindow {
  const window = { start, end, seq: state.nextWindowSeq, openedAt: origin.receivedAt, fired: 0 };
  state.nextWindowSeq += 1;
  return window;
}
