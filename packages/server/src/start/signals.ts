import type { Logger } from "../internal/logger.ts";

/** A terminal signals the whole group and npm passes the signal on once more: what comes this soon is the same wish. */
export const repeatMs = 2_000;

export interface StopRequests {
  /** First request: stop in order. */
  readonly onStop: (reason: string) => void;
  /** A later one: stop now. */
  readonly onForce: (reason: string) => void;
  /** Asked to renew the processes that answer requests. */
  readonly onRenew?: () => void;
  /** The process is no longer sound. */
  readonly onFailure: (error: unknown) => void;
}

const stopSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Tells the first request to stop from its repetitions and from an impatient one. */
export function stopCounter(
  requests: Pick<StopRequests, "onStop" | "onForce">,
  now: () => number,
): (reason: string) => void {
  let first: number | null = null;
  return (reason) => {
    if (first === null) {
      first = now();
      requests.onStop(reason);
    } else if (now() - first > repeatMs) requests.onForce(reason);
  };
}

/** Listens to the process's signals and failures; returns what stops listening. */
export function listenToProcess(requests: StopRequests, logger: Logger): () => void {
  const count = stopCounter(requests, () => performance.now());
  const onSignal = (signal: NodeJS.Signals): void => count(signal);
  const onFailure = (error: unknown): void => {
    logger.fatal({ err: error }, "unexpected failure; stopping");
    requests.onFailure(error);
  };
  const onParentGone = (): void => count("the process that started it is gone");
  for (const signal of stopSignals) process.on(signal, onSignal);
  const onRenew = (): void => requests.onRenew?.();
  process.on("SIGUSR2", onRenew);
  process.on("uncaughtException", onFailure);
  // Only where the parent opened a channel (`npm start` does): the kernel closes it however the parent ends.
  if (process.channel) process.on("disconnect", onParentGone);
  process.channel?.unref();
  return () => {
    for (const signal of stopSignals) process.off(signal, onSignal);
    process.off("SIGUSR2", onRenew);
    process.off("disconnect", onParentGone);
    process.off("uncaughtException", onFailure);
  };
}
