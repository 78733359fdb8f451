import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import { ProblemError } from "../problem.ts";
import { Abandoned } from "./single-flight.ts";

interface Waiting {
  readonly admit: () => void;
}

/** Bounds what runs and what waits: first come, first served; beyond both limits `overloaded`. */
export class Admission {
  readonly #runLimit: number;
  readonly #waitLimit: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(runLimit: number, waitLimit: number) {
    this.#runLimit = runLimit;
    this.#waitLimit = waitLimit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Runs the work when there is room. It has its place until it ends, or until it calls `leave` because the rest of it
   * needs none. @throws ProblemError `overloaded`; Abandoned when the signal fires while waiting.
   */
  async run<Result>(signal: AbortSignal, work: (leave: () => void) => Promise<Result>): Promise<Result> {
    await this.#enter(signal);
    let isInside = true;
    const leave = () => {
      if (isInside) this.#leave();
      isInside = false;
    };
    try {
      return await work(leave);
    } finally {
      leave();
    }
  }

  #enter(signal: AbortSignal): Promise<void> | void {
    if (this.#running < this.#runLimit) {
      this.#running++;
      return;
    }
    if (this.#waiting.size >= this.#waitLimit) {
      throw new ProblemError("overloaded", "As many computations are running and waiting as the server admits.", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    return new Promise((resolve, reject) => {
      const abandon = () => {
        this.#waiting.delete(waiting);
        reject(new Abandoned());
      };
      const admit = () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      };
      const waiting = { admit };
      this.#waiting.add(waiting);
      signal.addEventListener("abort", abandon, { once: true });
    });
  }

  /** The place of the one who leaves passes to the first who waits. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next.admit();
  }
}
