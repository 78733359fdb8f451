import { MemoryCache } from "../adapters/cache/memory-cache.ts";
import { RedisCache } from "../adapters/redis/redis-cache.ts";
import { RedisLeases } from "../adapters/redis/redis-leases.ts";
import { redisProbe } from "../adapters/redis/redis-probe.ts";
import { RedisRates } from "../adapters/redis/redis-rates.ts";
import type { Settings } from "../config/settings.ts";
import { type FlightLeases, NO_LEASES } from "../domain/compute/shared-flight.ts";
import type { SharedRates } from "../domain/limits/rate-limiter.ts";
import type { DependencyProbe, ResultCache } from "../domain/ports.ts";
import type { Keyring } from "../domain/storage/keyring.ts";
import { valueSealer } from "../domain/storage/value-sealer.ts";
import type { Logger } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";

/** What instances share beside the database, or the process's own stand-in for it. */
export interface SharedCache {
  readonly cache: ResultCache;
  readonly leases: FlightLeases;
  readonly probe: DependencyProbe;
  /** Counts of a policy that all instances see; null: there are none. */
  rates(policy: string): SharedRates | null;
  close(): Promise<void>;
}

/** The cache that the settings ask for. A Redis that does not answer is waited for in the background. */
export async function openCache(
  settings: Settings,
  keyring: Keyring,
  metrics: Metrics,
  logger: Logger,
): Promise<SharedCache> {
  const front = new MemoryCache(settings.cacheLimitBytes);
  if (settings.redisUrl === null) {
    const none = { leases: NO_LEASES, rates: () => null, close: async () => undefined };
    return { cache: front, probe: memoryProbe(front), ...none };
  }
  // Loaded only where it is used: its client takes 6 MiB.
  const { RedisConnection } = await import("../adapters/redis/redis-connection.ts");
  const redis = await RedisConnection.open(settings.redisUrl, logger);
  metrics.watchCircuit("cache", () => redis.state);
  const cache = new RedisCache({
    redis,
    front,
    sealer: valueSealer(keyring),
    timeToLiveSeconds: settings.sharedCacheTtlSeconds,
    valueLimitBytes: settings.sharedCacheValueBytes,
    logger,
    count: (operation, outcome) => metrics.countSharedCache(operation, outcome),
  });
  return {
    cache,
    leases: new RedisLeases(redis),
    probe: redisProbe(redis, cache),
    rates: (policy) => new RedisRates(redis, policy),
    close: () => redis.close(),
  };
}

function memoryProbe(cache: ResultCache): DependencyProbe {
  return {
    name: "cache",
    required: false,
    check: async () => ({
      name: "cache",
      status: "up",
      latencyMs: null,
      kind: "memory",
      detail: `${cache.usage.entries} entries`,
    }),
  };
}
