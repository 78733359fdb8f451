import type { Database } from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import { ProjectQuotas } from "../domain/limits/project-quotas.ts";
import { type RateLimit, RateLimiter } from "../domain/limits/rate-limiter.ts";
import { UsageMeter } from "../domain/limits/usage-meter.ts";
import type { Limits } from "../http/limits.ts";
import { RateLimits } from "../http/rate-limits.ts";
import type { Logger } from "../internal/logger.ts";
import type { SharedCache } from "./shared-cache.ts";

export interface LimitsParts {
  readonly settings: Settings;
  readonly database: Pick<Database, "usage" | "idempotency" | "instances" | "held">;
  readonly shared: Pick<SharedCache, "leases" | "rates">;
  readonly logger: Logger;
}

/** The limits that the settings ask for. `close` writes what was counted and not yet written. */
export function createLimits(parts: LimitsParts): Limits & { close(): Promise<void> } {
  const { settings, database, shared, logger } = parts;
  const instances = (): number => database.instances.count;
  const meter = new UsageMeter(database.usage, logger);
  const limiter = (policy: string, limit: RateLimit): RateLimiter | null =>
    limit.perSecond === 0 ? null : new RateLimiter(limit, shared.rates(policy), instances);
  const projectRate = settings.projectRateLimitPerSecond;
  const rates = new RateLimits({
    caller: limiter("caller", { perSecond: settings.rateLimitPerSecond, burst: settings.rateLimitBurst }),
    project: limiter("project", { perSecond: projectRate, burst: Math.max(1, Math.floor(projectRate)) }),
  });
  const quotas = new ProjectQuotas({
    limits: {
      concurrentComputations: settings.projectConcurrentComputations,
      queuedJobs: settings.projectJobs,
      storageBytes: settings.projectStorageBytes,
      cpuSecondsPerHour: settings.projectCpuSecondsPerHour,
    },
    held: database.held,
    meter,
    instances,
  });
  const { usage, idempotency } = database;
  return { quotas, rates, usage, idempotency, leases: shared.leases, close: () => meter.close() };
}
