import { setTimeout as sleep } from "node:timers/promises";
import type { Engine, Feature, VietorisRipsOptions, VietorisRipsResult } from "@tda-platform/engine/types";
import { engineErrorCode } from "./engine-error-code.ts";

/** Hosts that may die of a window before it is given up. */
const ATTEMPTS = 3;
/** Codes that say nothing of the window: the call is made again until it has an answer. */
const PASSING = new Set(["engine_overloaded", "engine_unavailable", "engine_closed"]);
const RETRY_MS = 50;

/** The engine refused a window, or died of it each time. */
export class WindowFailed extends Error {
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`The engine gave no result of a window: ${code}.`, options);
    this.code = code;
  }
}

/** Of calls that wait, those that other windows of their key wait for come first. */
export type Urgency = "first" | "later";

/** Calls of the engine, so many at a time, that have an answer or are refused for good. */
export class EngineCalls {
  readonly #engine: Pick<Engine, "vietorisRips" | "computeFeatures">;
  readonly #signal: AbortSignal;
  readonly #waiting: Record<Urgency, (() => void)[]> = { first: [], later: [] };
  #free: number;

  constructor(engine: Pick<Engine, "vietorisRips" | "computeFeatures">, concurrency: number, signal: AbortSignal) {
    this.#engine = engine;
    this.#free = concurrency;
    this.#signal = signal;
  }

  /** @throws WindowFailed; the signal's reason */
  async vietorisRips(values: Float64Array, columns: number, options: VietorisRipsOptions): Promise<VietorisRipsResult> {
    const rows = values.length / columns;
    const input = { kind: "points", values, rows, columns, metric: "euclidean", minkowskiP: null } as const;
    return await this.#call("later", () => this.#engine.vietorisRips(input, options, this.#options));
  }

  /** Values by feature. @throws WindowFailed; the signal's reason */
  async features(
    features: readonly Feature[],
    memoryLimitBytes: number,
    urgency: Urgency,
  ): Promise<readonly Float64Array[]> {
    const { values } = await this.#call(urgency, () =>
      this.#engine.computeFeatures(features, { memoryLimitBytes }, this.#options),
    );
    return values;
  }

  get #options() {
    return { signal: this.#signal, attempts: ATTEMPTS };
  }

  async #call<Answer>(urgency: Urgency, ask: () => Promise<Answer>): Promise<Answer> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting[urgency].push(resolve));
    try {
      return await this.#askUntilAnswered(ask);
    } finally {
      const next = this.#waiting.first.shift() ?? this.#waiting.later.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #askUntilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let failures = 0; ; ) {
      this.#signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        this.#signal.throwIfAborted();
        const code = engineErrorCode(error);
        if (code === null) throw error;
        // Memory that the machine did not have is not the window's doing, until it has been so often enough.
        if (code === "out_of_memory") failures += 1;
        if (!PASSING.has(code) && (code !== "out_of_memory" || failures >= ATTEMPTS)) {
          throw new WindowFailed(code, { cause: error });
        }
        await sleep(RETRY_MS, undefined, { signal: this.#signal }).catch(() => undefined);
      }
    }
  }
}
