import type { DatabaseListener } from "../database-listener.ts";

/** Tells of appended records, as `topic/partition` with commas between. */
export const LOG_CHANNEL = "tda_log";

/** Wakes those who wait for a record of a partition. */
export class LogWake {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #stop: () => void;

  constructor(listener: Pick<DatabaseListener, "on">) {
    this.#stop = listener.on(LOG_CHANNEL, (payload) => this.wake(payload?.split(",") ?? [...this.#waiting.keys()]));
  }

  wake(places: readonly string[]): void {
    for (const place of places) for (const end of [...(this.#waiting.get(place) ?? [])]) end();
  }

  /** Call it before looking, so that what comes during the look is not missed. Ends by itself after the time. */
  wait(topic: string, partition: number, waitMs: number, signal: AbortSignal): { promise: Promise<void>; end(): void } {
    const place = placeOf(topic, partition);
    const waiting = this.#waiting.get(place) ?? new Set();
    this.#waiting.set(place, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      waiting.delete(end);
      if (waiting.size === 0 && this.#waiting.get(place) === waiting) this.#waiting.delete(place);
      resolve();
    };
    const timer = setTimeout(end, waitMs);
    waiting.add(end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    return { promise, end };
  }

  close(): void {
    this.#stop();
    this.wake([...this.#waiting.keys()]);
  }
}

export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
