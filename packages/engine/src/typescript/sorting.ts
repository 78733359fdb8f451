import type { EngineProgress } from "../types.ts";
import type { Steps } from "./steps.ts";

const RUN_LENGTH = 16_384;

/**
 * Indices 0 … count-1 in the order of `compare` (a total order), by a merge sort that can be interrupted.
 * Yields the given progress between runs and merges.
 */
export function* sortedIndices(
  count: number,
  compare: (a: number, b: number) => number,
  progress: EngineProgress,
): Steps<Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, index) => index);
  for (let start = 0; start < count; start += RUN_LENGTH) {
    from.subarray(start, start + RUN_LENGTH).sort(compare);
    yield progress;
  }
  let to = new Uint32Array(count);
  for (let width = RUN_LENGTH; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      mergeRuns(from, to, start, Math.min(start + width, count), Math.min(start + 2 * width, count), compare);
      yield progress;
    }
    [from, to] = [to, from];
  }
  return from;
}

function mergeRuns(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  let left = start;
  let right = middle;
  for (let out = start; out < end; ++out) {
    const takeLeft = left < middle && (right >= end || compare(from[left] as number, from[right] as number) <= 0);
    to[out] = (takeLeft ? from[left++] : from[right++]) as number;
  }
}
