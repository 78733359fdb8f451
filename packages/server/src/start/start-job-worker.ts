import type { Engine } from "@tda-platform/engine/types";
import type { Database } from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import { ProjectKeys } from "../domain/compute/project-keys.ts";
import { ResultLookup } from "../domain/compute/result-lookup.ts";
import { JobWorker } from "../domain/jobs/job-worker.ts";
import type { Quotas } from "../domain/limits/ports.ts";
import { Offload } from "../domain/offload/offload.ts";
import type { ResultCache } from "../domain/ports.ts";
import type { Logger } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";

export interface JobWorkerOptions {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly cache: ResultCache;
  readonly database: Pick<Database, "jobQueue" | "jobSignals" | "projectSecrets">;
  readonly quotas: Pick<Quotas, "charge">;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface RunningJobWorker {
  readonly worker: JobWorker;
  /** Begins no more jobs; resolves when those in the engine have ended. */
  drain(): Promise<void>;
  /** Gives back what still runs, and ends. Idempotent. */
  stop(): Promise<void>;
}

const OFFLOAD = { threads: 1, queueLimit: 256 } as const;

/** Starts the worker of this process: the role `work`. */
export function startJobWorker(options: JobWorkerOptions): RunningJobWorker {
  const { settings, database, metrics } = options;
  const offload = new Offload(OFFLOAD);
  const worker = new JobWorker({
    ...options,
    offload,
    queue: database.jobQueue,
    signals: database.jobSignals,
    keys: new ProjectKeys(database.projectSecrets),
    results: settings.featureEnableCaching ? new ResultLookup(options.cache) : null,
    jobMetrics: metrics.jobs,
  });
  metrics.jobs.watch(() => database.jobQueue.depth());
  worker.start();
  let stopped: Promise<void> | null = null;
  return {
    worker,
    drain: () => worker.drain(),
    stop: () => {
      stopped ??= worker.stop().then(() => offload.close());
      return stopped;
    },
  };
}
