import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../internal/logger.ts";

/** One step of a start: what took how long goes into the log. */
export async function startPhase<T>(logger: Logger, name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  logger.info({ phase: name, ms: Math.round(performance.now() - start) }, `${name} ready`);
  return result;
}

export interface StopPhase {
  readonly name: string;
  readonly limitMs: number;
  readonly work: () => Promise<unknown>;
  /** What is done instead of waiting longer. */
  readonly giveUp?: () => void;
  /** Waited for also when the stop is forced: it leaves something running otherwise. */
  readonly isEssential?: boolean;
}

/**
 * Runs one step of a shutdown. It has its time and no more; a failure or a timeout is logged and does not keep the next
 * step from its turn. `force` ends the wait at once. Returns whether the step finished in order.
 */
export async function stopPhase(logger: Logger, phase: StopPhase, force: AbortSignal): Promise<boolean> {
  const start = performance.now();
  const timer = new AbortController();
  const limit = sleep(phase.limitMs, "late" as const, {
    signal: phase.isEssential === true ? timer.signal : AbortSignal.any([timer.signal, force]),
  }).catch(() => "late" as const);
  const work = phase.work().then(
    () => "done" as const,
    (error: unknown) => {
      logger.error({ err: error, phase: phase.name }, "a step of the shutdown failed");
      return "failed" as const;
    },
  );
  const outcome = await Promise.race([work, limit]);
  timer.abort();
  const ms = Math.round(performance.now() - start);
  if (outcome === "late") {
    logger.warn({ phase: phase.name, ms }, `${phase.name}: not waiting longer`);
    phase.giveUp?.();
  } else logger.info({ phase: phase.name, ms }, `${phase.name}: ${outcome}`);
  return outcome === "done";
}
