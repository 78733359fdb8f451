import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { dropClosed, endingWithin, fire } from "./firing.ts";
import type { OpenWindow } from "./key-state.ts";
import type { LateCode } from "./outcomes.ts";
import { type Arrival, openWindow, type WindowKind } from "./window-kind.ts";

/** Greatest multiple of the slide at or below a time. The remainder is exact where a quotient would be rounded. */
function lastStart(t: number, slide: number): number {
  const remainder = t % slide;
  return remainder < 0 ? t - remainder - slide : t - remainder;
}

/** Starts of the windows that contain a time: from, to, in steps of the slide. */
function startsOf({ size_ms: size, slide_ms: slide }: StreamDefinition, t: number): { from: number; to: number } {
  const to = lastStart(t, slide);
  return { from: to - Math.floor((size - 1 - (t - to)) / slide) * slide, to };
}

/** Place of the first window that starts at a time or later; mostly it is near the end. */
function firstStartingFrom(windows: readonly OpenWindow[], start: number): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle] as OpenWindow).start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function judge({ state, definition, t }: Arrival): LateCode | null {
  const { size_ms: size, slide_ms: slide, allowed_lateness_ms: lateness, max_revisions: maxRevisions } = definition;
  const { windows, watermark } = state;
  const { from, to } = startsOf(definition, t);
  let verdict: LateCode = "window_closed";
  let place = firstStartingFrom(windows, from);
  for (let start = from; start <= to; start += slide) {
    const window = windows[place]?.start === start ? windows[place++] : undefined;
    if (start + size + lateness <= watermark) continue;
    if (window === undefined || window.fired <= maxRevisions) return null;
    verdict = "revisions_exhausted";
  }
  return verdict;
}

function take(arrival: Arrival): readonly OpenWindow[] {
  const { state, definition, t } = arrival;
  const { size_ms: size, slide_ms: slide, allowed_lateness_ms: lateness, max_revisions: maxRevisions } = definition;
  const { windows, watermark } = state;
  const { from, to } = startsOf(definition, t);
  const late: OpenWindow[] = [];
  let place = firstStartingFrom(windows, from);
  for (let start = from; start <= to; start += slide, place++) {
    const isOpen = windows[place]?.start === start;
    if (start + size + lateness <= watermark) {
      if (!isOpen) place--;
      continue;
    }
    if (!isOpen) windows.splice(place, 0, openWindow(arrival, start, start + size));
    const window = windows[place] as OpenWindow;
    if (window.fired <= maxRevisions && window.end <= watermark) late.push(window);
  }
  return late;
}

/** Watermark, firings and drops of the kinds of windows that have a watermark. */
export function settleByWatermark(arrival: Arrival, late: readonly OpenWindow[]): void {
  const { state, definition, origin, t, outcomes } = arrival;
  const before = state.watermark;
  if (t > state.maxT) state.maxT = t;
  if (state.maxT - definition.out_of_orderness_ms > before)
    state.watermark = state.maxT - definition.out_of_orderness_ms;
  if (late.length > 0) fire(state, definition, origin, late, outcomes);
  if (state.watermark === before) return;
  const due = endingWithin(state.windows, before, state.watermark);
  if (due.length > 0) fire(state, definition, origin, due, outcomes);
  dropClosed(state, definition);
}

/** [start, start + size), start a multiple of the slide. */
export const tumblingOrSliding: WindowKind = { judge, take, settle: settleByWatermark };
