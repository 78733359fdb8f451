import { EngineError } from "../errors.ts";
import type { EngineCall, EngineProgress } from "../types.ts";

/** A long computation as a generator: it yields how far it is whenever it may be interrupted, and returns its result. */
export type Steps<Result> = Generator<EngineProgress, Result, void>;

const SLICE_MS = 10;
const PROGRESS_INTERVAL_MS = 20;

/**
 * Runs a stepwise computation in slices of about 10 ms, giving the event loop a turn between them. Rejects with
 * `cancelled` when the caller's signal aborts and with `engine_closed` when `isClosed` turns true.
 */
export async function runInSlices<Result>(
  steps: Steps<Result>,
  call: EngineCall,
  isClosed: () => boolean,
): Promise<Result> {
  let fraction = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (call.signal?.aborted) {
      throw new EngineError("cancelled", "The computation was cancelled.", {}, { cause: call.signal.reason });
    }
    if (isClosed()) throw new EngineError("engine_closed", "The engine was closed while the computation ran.");

    const sliceEndsAt = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done) return step.value;
      if (call.onProgress !== undefined && performance.now() - reportedAt >= PROGRESS_INTERVAL_MS) {
        reportedAt = performance.now();
        fraction = Math.max(fraction, step.value.fraction);
        call.onProgress({ ...step.value, fraction });
      }
    } while (performance.now() < sliceEndsAt);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
