import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { dropClosed, endingWithin, fire } from "./firing.ts";
import type { KeyState, OpenWindow } from "./key-state.ts";
import type { Outcome, RecordOrigin } from "./outcomes.ts";

/** All pending windows fire, and the watermark moves to the last one's end. */
export function flush(state: KeyState, definition: StreamDefinition, origin: RecordOrigin, outcomes: Outcome[]): void {
  if (definition.window_type === "count") {
    fire(state, definition, origin, state.windows, outcomes);
    state.windows = [];
    state.points.clear();
    return;
  }
  const pending = endingWithin(state.windows, state.watermark, Number.POSITIVE_INFINITY);
  if (pending.length === 0) return;
  fire(state, definition, origin, pending, outcomes);
  state.watermark = (pending.at(-1) as OpenWindow).end;
  dropClosed(state, definition);
}

/** Whether a flush would fire something. */
export function hasPendingWindows({ windows, watermark }: KeyState, { window_type: type }: StreamDefinition): boolean {
  const last = windows.at(-1);
  return last !== undefined && (type === "count" || last.end > watermark);
}
