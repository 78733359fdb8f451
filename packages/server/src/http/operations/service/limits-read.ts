import { LIMIT_NAMES, LIMITS, type LimitDefinition, type LimitName } from "@tda-platform/contract/limits";
import type { Limits } from "@tda-platform/contract/service-schemas";
import { settingDefinitions } from "@tda-platform/contract/settings";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `limits.read` */
export function readLimits({ settings, limits, compute }: OperationContext) {
  return async (request: FastifyRequest): Promise<Limits> => {
    requireNoQuery(request);
    const caller = callerOf(request);
    const present = await limits.quotas.present(caller.projectId);
    const left = limits.rates.remaining(caller);
    const { running, waiting } = compute.load;
    const { rateLimitBurst, projectRateLimitPerSecond } = settings;
    const used: Partial<Record<LimitName, number>> = {
      concurrent_computations: running,
      queued_computations: waiting,
      project_concurrent_computations: present.concurrentComputations,
      project_jobs: present.queuedJobs,
      project_storage_bytes: present.storageBytes,
      project_cpu_seconds_per_hour: present.cpuSecondsPerHour,
      ...(left.caller === null ? {} : { requests_at_once: rateLimitBurst - left.caller }),
      ...(left.project === null
        ? {}
        : { project_requests_per_second: Math.ceil(projectRateLimitPerSecond - left.project) }),
    };
    return {
      limits: LIMIT_NAMES.map((name) => {
        const { value, unit, summary }: LimitDefinition = LIMITS[name];
        const isFixed = "fixed" in value;
        return {
          name,
          value: isFixed ? value.fixed : Number(settings[value.setting]),
          unit,
          setting: isFixed ? null : settingDefinitions[value.setting].name,
          used: used[name] ?? null,
          summary,
        };
      }),
    };
  };
}
