/** Waits for what is told under names. What was told and not heard is looked for after a time all the same. */
export class Told {
  readonly #pollMs: number;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(pollMs: number) {
    this.#pollMs = pollMs;
  }

  /** null: maybe of any. */
  tell(names: readonly string[] | null): void {
    for (const name of names ?? [...this.#waiting.keys()]) for (const wake of this.#waiting.get(name) ?? []) wake();
  }

  /** Resolves when the name is told, the time is over, or the signal comes; `cancel` when nobody waits any more. */
  next(name: string, signal: AbortSignal): { readonly promise: Promise<void>; readonly cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      waiting.delete(end);
      if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
      resolve();
    };
    const timer = setTimeout(end, this.#pollMs);
    waiting.add(end);
    signal.addEventListener("abort", end, { once: true });
    return { promise, cancel: end };
  }
}
