import type { Settings } from "../config/settings.ts";

/**
 * What one of several processes that answer requests may use of what the settings grant the instance. Memory budgets of
 * computations were divided by their number already, so each keeps its own.
 */
export function shareOfProcess(settings: Settings): Settings {
  const share = (total: number): number => Math.max(1, Math.floor(total / settings.apiWorkers));
  return {
    ...settings,
    jobConcurrency: share(settings.jobConcurrency),
    engineHosts: share(settings.engineHosts),
    maxConcurrentComputations: share(settings.maxConcurrentComputations),
    maxQueuedComputations: Math.ceil(settings.maxQueuedComputations / settings.apiWorkers),
    webhookConcurrency: share(settings.webhookConcurrency),
    cacheLimitBytes: Math.floor(settings.cacheLimitBytes / settings.apiWorkers),
  };
}
