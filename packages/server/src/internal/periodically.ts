import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "./logger.ts";

export interface Period {
  /** Until the first time, so that a start is not slowed down. */
  readonly firstMs: number;
  readonly everyMs: number;
  /** What a failure means, for the log; it is for the next time to do better. */
  readonly complaint: string;
}

/** Does some work again and again until the signal. Never fails; resolves when the last work has ended. */
export async function periodically(
  { firstMs, everyMs, complaint }: Period,
  logger: Logger,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let waitMs = firstMs; ; waitMs = everyMs) {
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, complaint);
    }
  }
}
