import type { Settings } from "../config/settings.ts";
import { buildHttpServer } from "../http/server.ts";
import type { Logger } from "../internal/logger.ts";
import { createMetrics, type Metrics } from "../internal/metrics.ts";
import { startBackground } from "./background.ts";
import type { Dependencies } from "./dependencies.ts";
import { openIdentity } from "./identity.ts";
import { createLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { firstKeyWarning, operatorWarnings } from "./operator-warnings.ts";
import { startPhase } from "./phase.ts";
import { openCache } from "./shared-cache.ts";
import type { Started } from "./shut-down.ts";
import { startJobWorker } from "./start-job-worker.ts";
import { startRelay } from "./start-relay.ts";
import { startSink } from "./start-sink.ts";
import { startStreamRunner } from "./start-stream-runner.ts";

export interface HttpInstanceOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly logger: Logger;
  readonly dependencies: Dependencies;
  readonly started: Started;
  readonly isShuttingDown: () => boolean;
  readonly signal: AbortSignal;
  /** Those of this process, unless told. */
  readonly metrics?: Metrics;
}

/** Builds the HTTP server of this process and begins to listen; returns its address. @throws StartError */
export async function startHttp(options: HttpInstanceOptions): Promise<string> {
  const { settings, logger, dependencies, started, signal } = options;
  const { engine, storage, datasets } = dependencies;
  const { database } = storage;
  const secrets = database.webhookSecrets;
  const identity = await startPhase(logger, "identity", () => openIdentity(settings, database, logger));
  started.identity = identity;
  signal.throwIfAborted();
  const metrics = options.metrics ?? createMetrics();
  metrics.watchCircuit("database", () => database.circuit.state);
  dependencies.events.log.observe(metrics.log);
  if (dependencies.events.circuit !== null) metrics.watchCircuit("log", dependencies.events.circuit);
  if (datasets.circuit !== null) metrics.watchCircuit("blobs", datasets.circuit);
  const shared = await openCache(settings, dependencies.datasets.keyring, metrics, logger);
  started.cache = shared;
  const limits = createLimits({ settings, database, shared, logger });
  started.limits = limits;
  const warnings = operatorWarnings(settings, database.localKey);
  // That a key is still in use is no news in the start that made it.
  const isKeyNew = database.localKey.state === "made";
  for (const warning of warnings) if (!isKeyNew || warning !== firstKeyWarning) logger.warn(warning);
  const http = await startPhase(logger, "http", () =>
    buildHttpServer({
      settings,
      version: options.version,
      logger,
      engine: engine.engine,
      cache: shared.cache,
      limits,
      computations: database.computations,
      jobs: database.jobs,
      jobSignals: database.jobSignals,
      streams: database.streams,
      events: dependencies.events,
      apiKeys: database.apiKeys,
      identity,
      projectSecrets: database.projectSecrets,
      datasets: dependencies.datasets.services,
      webhooks: { deliveries: database.deliveries, secrets },
      erasures: database.erasures,
      defaultProjectId: database.defaultProjectId,
      probes: [database.probe, engine.probe, shared.probe, dependencies.datasets.probe, dependencies.events.probe],
      metrics,
      isShuttingDown: options.isShuttingDown,
      refusesWork: () => started.refusesWork,
      warnings: async () => warnings,
    }),
  );
  started.http = http;
  signal.throwIfAborted();
  if (settings.roles.includes("work")) {
    const { cache } = shared;
    const { quotas } = limits;
    started.worker = startJobWorker({ settings, engine: engine.engine, cache, database, quotas, metrics, logger });
    const { version } = options;
    started.background = startBackground({ settings, version, database, secrets, datasets, cache, metrics, logger });
  }
  if (settings.roles.includes("relay")) {
    started.relay = startRelay({ events: dependencies.events, database, metrics, logger });
  }
  if (settings.roles.includes("stream") && settings.streamRunner === "embedded") {
    const { events } = dependencies;
    started.streams = startStreamRunner({ settings, engine: engine.engine, database, events, metrics, logger });
  }
  if (settings.roles.includes("sink")) {
    started.sink = await startPhase(logger, "sink", () =>
      startSink({ database, events: dependencies.events, metrics, logger }),
    );
  }
  const url = await listen(http, settings.apiHost, settings.apiPort);
  signal.throwIfAborted();
  return url;
}
