import { EngineError } from "../errors.ts";

/** What one computation of this engine may grow to; it holds everything on the JavaScript heap of its caller. */
export const MAX_SIMPLICES = 2_000_000;
/** Pairs of points whose distance is looked at: 10,000 points. */
export const MAX_PAIRS = 50_000_000;

/** Counts the bytes and simplices of one computation against its limits. */
export class Budget {
  readonly #limitBytes: number;
  #bytes = 0;
  #peakBytes = 0;
  #simplices = 0;

  constructor(limitBytes: number | null) {
    this.#limitBytes = limitBytes ?? Number.POSITIVE_INFINITY;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  get simplices(): number {
    return this.#simplices;
  }

  /** @throws EngineError `memory_limit_exceeded` with the bytes asked for. */
  charge(bytes: number, dimension: number): void {
    const wanted = this.#bytes + bytes;
    if (wanted > this.#limitBytes) {
      throw new EngineError(
        "memory_limit_exceeded",
        `The computation needs at least ${wanted} bytes in dimension ${dimension}; its limit is ${this.#limitBytes}.`,
        { bytes: wanted, dimension },
      );
    }
    this.#bytes = wanted;
    this.#peakBytes = Math.max(this.#peakBytes, wanted);
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** @throws EngineError `memory_limit_exceeded` when the complex is too large for this engine. */
  addSimplices(count: number, dimension: number): void {
    this.#simplices += count;
    if (this.#simplices > MAX_SIMPLICES) throw sizeLimitError(`${MAX_SIMPLICES} simplices`, this.#bytes, dimension);
  }
}

export function sizeLimitError(limit: string, bytes: number, dimension: number): EngineError {
  return new EngineError(
    "memory_limit_exceeded",
    `The TypeScript engine is limited to ${limit}: lower the dimension or the threshold, or use the native engine.`,
    { bytes, dimension },
  );
}
