import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";

export type CircuitName = "closed" | "half_open" | "open";

export interface CircuitOptions {
  /** Whether an error says that the dependency is gone, rather than that it refused this one call. */
  readonly isFailure: (error: unknown) => boolean;
  /** Failures in a row after which calls are no longer attempted. */
  readonly failures: number;
  /** How soon the next probe may go out. */
  readonly halfOpenAfterMs: number;
  readonly onChange?: (state: CircuitName) => void;
}

/** The circuit is open: the call was not attempted. */
export class CircuitOpen extends Error {
  override readonly name = "CircuitOpen";

  constructor() {
    super("The circuit is open: the call was not attempted.");
  }
}

const NAMES: Readonly<Record<CircuitState, CircuitName>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.HalfOpen]: "half_open",
  [CircuitState.Open]: "open",
  [CircuitState.Isolated]: "open",
};

/**
 * A circuit breaker of one dependency. Calls of requests go through `run`, which attempts nothing unless the circuit is
 * closed; a probe that somebody sends at intervals goes through `probe`, and it alone closes the circuit again: no request
 * is the one that finds out.
 */
export class Circuit {
  readonly #policy: ReturnType<typeof circuitBreaker>;

  constructor(options: CircuitOptions) {
    this.#policy = circuitBreaker(handleWhen(options.isFailure), {
      breaker: new ConsecutiveBreaker(options.failures),
      halfOpenAfter: options.halfOpenAfterMs,
    });
    this.#policy.onStateChange((state) => options.onChange?.(NAMES[state]));
  }

  get state(): CircuitName {
    return NAMES[this.#policy.state];
  }

  get isClosed(): boolean {
    return this.#policy.state === CircuitState.Closed;
  }

  /** @throws CircuitOpen, and whatever the call throws. */
  async run<T>(call: () => PromiseLike<T>): Promise<T> {
    if (!this.isClosed) throw new CircuitOpen();
    return await this.#policy.execute(() => call());
  }

  /** @throws what the call throws; also while it is too early for another probe. */
  async probe<T>(call: () => PromiseLike<T>): Promise<T> {
    return await this.#policy.execute(() => call());
  }
}
