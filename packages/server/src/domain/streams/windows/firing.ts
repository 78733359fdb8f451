import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { KeyState, OpenWindow } from "./key-state.ts";
import type { Outcome, RecordOrigin, WindowName } from "./outcomes.ts";
import { firstEndingAfter } from "./window-kind.ts";

export function nameWindow(
  { projectId, streamId, key }: RecordOrigin,
  definition: StreamDefinition,
  { seq, fired, openedAt, start, end }: OpenWindow,
): WindowName {
  return { projectId, streamId, key, definition, seq, revision: fired, openedAt, start, end };
}

/** Fires windows in the order given, each with what the key holds of it; a count window holds all. */
export function fire(
  state: KeyState,
  definition: StreamDefinition,
  origin: RecordOrigin,
  windows: readonly OpenWindow[],
  outcomes: Outcome[],
): void {
  for (const window of windows) {
    const { points } = state;
    const values = definition.window_type === "count" ? points.all() : points.between(window.start, window.end);
    outcomes.push({ kind: "firing", window: nameWindow(origin, definition, window), values });
    window.fired += 1;
  }
}

/** The windows with after < end ≤ upTo. */
export function endingWithin(windows: readonly OpenWindow[], after: number, upTo: number): readonly OpenWindow[] {
  const last = windows.at(-1);
  if (last === undefined || last.end <= after) return [];
  const from = firstEndingAfter(windows, after);
  if ((windows[from] as OpenWindow).end > upTo) return [];
  return windows.slice(from, firstEndingAfter(windows, upTo));
}

/** Drops the windows that take no more points, and the points that no window holds or can still hold. */
export function dropClosed(state: KeyState, definition: StreamDefinition): void {
  const { windows, points } = state;
  const closedTo = state.watermark - definition.allowed_lateness_ms;
  const first = windows[0];
  if (first === undefined || first.end > closedTo) return;
  const closed = windows.splice(0, firstEndingAfter(windows, closedTo));
  const last = closed.at(-1) as OpenWindow;
  // Of sliding windows the closed ones hold points that later ones need too: what starts after the last closed one is kept. A window
  // that no point has opened may be closed too, but it holds no point.
  points.dropBefore(definition.window_type === "session" ? last.end : last.start + definition.slide_ms);
}
