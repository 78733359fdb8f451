import { fire } from "./firing.ts";
import type { OpenWindow } from "./key-state.ts";
import { openWindow, type WindowKind } from "./window-kind.ts";

const NONE: readonly OpenWindow[] = [];

/** Every so many points in the order of the log: one window at a time, which holds all points. */
export const count: WindowKind = {
  judge: () => null,
  take(arrival) {
    const { state, t } = arrival;
    const window = state.windows[0];
    if (window === undefined) {
      state.windows.push(openWindow(arrival, t, t));
    } else {
      window.start = Math.min(window.start, t);
      window.end = Math.max(window.end, t);
    }
    return NONE;
  },
  settle({ state, definition, origin, outcomes }) {
    if (state.points.size < definition.count) return;
    fire(state, definition, origin, state.windows, outcomes);
    state.windows = [];
    state.points.clear();
  },
};
