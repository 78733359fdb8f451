import type { FlightLeases } from "../../domain/compute/shared-flight.ts";
import type { RedisConnection } from "./redis-connection.ts";

const nameOf = (key: string): string => `tda:flight:${key}`;

/** Only the holder's own lease is extended or removed. */
const renewScript = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const releaseScript = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/** Leases as keys that expire. Losing Redis loses leases: equal computations then run more than once, with equal results. */
export class RedisLeases implements FlightLeases {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async take(key: string, token: string, milliseconds: number): Promise<boolean | null> {
    if (!this.#redis.isClosed) return null;
    try {
      return (await this.#redis.run((redis) => redis.set(nameOf(key), token, "PX", milliseconds, "NX"))) === "OK";
    } catch {
      return null;
    }
  }

  async renew(key: string, token: string, milliseconds: number): Promise<void> {
    await this.#redis
      .run((redis) => redis.eval(renewScript, 1, nameOf(key), token, milliseconds))
      .catch(() => undefined);
  }

  async release(key: string, token: string): Promise<void> {
    await this.#redis.run((redis) => redis.eval(releaseScript, 1, nameOf(key), token)).catch(() => undefined);
  }
}
