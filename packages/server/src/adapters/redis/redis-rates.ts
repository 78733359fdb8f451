import type { SharedRate, SharedRates, SharedTake } from "../../domain/limits/rate-limiter.ts";
import type { RedisConnection } from "./redis-connection.ts";

/**
 * Takes from the bucket KEYS[1], by the clock of Redis: ARGV is count, interval, tolerance (ms), and 1 when they were let
 * through already. Answers whether they are let through, and the debt in ms (as text: numbers of Lua lose their fraction).
 */
const takeScript = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local tat = math.max(tonumber(redis.call('get', KEYS[1]) or '0'), now)
local after = tat + ARGV[1] * ARGV[2]
local allowed = ARGV[4] == '1' or after - now <= ARGV[3] + 0.000001
if allowed then
  tat = after
  redis.call('set', KEYS[1], string.format('%.3f', tat), 'px', math.ceil(tat - now) + 1000)
end
return { allowed and 1 or 0, string.format('%.3f', tat - now) }`;

/** Rate limits that all instances count together. Losing Redis loses the counts of a few seconds. */
export class RedisRates implements SharedRates {
  readonly #redis: RedisConnection;
  readonly #policy: string;

  constructor(redis: RedisConnection, policy: string) {
    this.#redis = redis;
    this.#policy = policy;
  }

  get isUp(): boolean {
    return this.#redis.isClosed;
  }

  async take(key: string, count: number, rate: SharedRate, isForced: boolean): Promise<SharedTake> {
    const name = `tda:rate:${this.#policy}:${key}`;
    const [allowed, debt] = (await this.#redis.run((redis) =>
      redis.eval(takeScript, 1, name, count, rate.intervalMs, rate.toleranceMs, isForced ? 1 : 0),
    )) as [number, string];
    return { isAllowed: allowed === 1, debtMs: Number(debt) };
  }
}
