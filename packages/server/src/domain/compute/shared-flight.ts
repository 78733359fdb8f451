import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Abandoned } from "./single-flight.ts";

/** Short leases that all instances see. Where they cannot be had, everyone may go ahead. */
export interface FlightLeases {
  /** null: there are none at present (no shared cache, or it is gone). */
  take(key: string, token: string, milliseconds: number): Promise<boolean | null>;
  renew(key: string, token: string, milliseconds: number): Promise<void>;
  /** Gives it back if it still is the token's. */
  release(key: string, token: string): Promise<void>;
}

/** A holder that dies is waited for no longer than this. */
const LEASE_MS = 3_000;
const RENEW_MS = 1_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 100;

/**
 * Equal computations of several instances: one holds the lease and computes, the others look for its result in the shared
 * cache and compute themselves when the holder ended without one (it failed, died, or its result is too large to share).
 */
export class SharedFlight<Result> {
  readonly #leases: FlightLeases;

  constructor(leases: FlightLeases) {
    this.#leases = leases;
  }

  /** @throws what `work` throws; Abandoned when the signal fires while waiting for another instance. */
  async run(
    key: string,
    signal: AbortSignal,
    find: () => Promise<Result | undefined> | Result | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const token = randomUUID();
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      const isTaken = await this.#leases.take(key, token, LEASE_MS);
      if (isTaken === null) return await work();
      // Who held it may have finished between our look into the cache and now.
      const found = waitMs === FIRST_WAIT_MS && isTaken ? undefined : await find();
      if (found !== undefined) {
        if (isTaken) await this.#leases.release(key, token);
        return found;
      }
      if (isTaken) return await this.#holding(key, token, work);
      await sleep(waitMs, undefined, { signal }).catch(() => {
        throw new Abandoned();
      });
    }
  }

  async #holding(key: string, token: string, work: () => Promise<Result>): Promise<Result> {
    const timer = setInterval(() => void this.#leases.renew(key, token, LEASE_MS), RENEW_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await this.#leases.release(key, token);
    }
  }
}

/** Of a server without a shared cache. */
export const NO_LEASES: FlightLeases = {
  take: async () => null,
  renew: async () => undefined,
  release: async () => undefined,
};
