import type { IncomingHttpHeaders } from "node:http";

/** Bodies that take less are not worth counting. */
const COUNTED_FROM_BYTES = 65_536;
/** Large requests in memory at once, as a multiple of the largest body allowed. */
const BODIES_AT_ONCE = 8;

/** What one request holds of the budget. */
export interface Reservation {
  /** Takes more; false: there is no more, and nothing was taken. */
  take(bytes: number): boolean;
  /** Gives back everything. Idempotent. */
  release(): void;
}

/**
 * Bounds the memory of all large requests together: from the first byte of a body until its answer has gone, since what is
 * parsed from it lives that long.
 */
export class BodyBudget {
  #left: number;

  constructor(bodyLimitBytes: number) {
    this.#left = bodyLimitBytes * BODIES_AT_ONCE;
  }

  /** Whether a request has to be counted, by its headers: its body is large, or comes in chunks and may be. */
  static counts(headers: IncomingHttpHeaders): boolean {
    const length = headers["content-length"];
    return length === undefined ? headers["transfer-encoding"] !== undefined : Number(length) >= COUNTED_FROM_BYTES;
  }

  reserve(): Reservation {
    let taken = 0;
    return {
      take: (bytes) => {
        if (bytes > this.#left) return false;
        this.#left -= bytes;
        taken += bytes;
        return true;
      },
      release: () => {
        this.#left += taken;
        taken = 0;
      },
    };
  }
}
