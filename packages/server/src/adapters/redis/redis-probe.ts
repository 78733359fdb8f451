import type { DependencyProbe, DependencyStatus, ResultCache } from "../../domain/ports.ts";
import type { RedisConnection } from "./redis-connection.ts";

/** Health of the shared cache. The server is ready without it: it then works with what its own process has. */
export function redisProbe(redis: RedisConnection, cache: ResultCache): DependencyProbe {
  return {
    name: "cache",
    required: false,
    async check(): Promise<DependencyStatus> {
      const isUp = redis.isClosed && redis.latencyMs !== null;
      return {
        name: "cache",
        kind: "redis",
        status: isUp ? "up" : "degraded",
        latencyMs: redis.latencyMs,
        circuit: redis.state,
        detail: isUp
          ? `${cache.usage.entries} entries in this process`
          : "Redis does not answer: this server caches and limits by itself",
      };
    },
  };
}
