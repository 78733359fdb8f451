import type { Engine } from "@tda-platform/engine/types";
import type { Database } from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import { StreamRunner } from "../domain/streams/runner/stream-runner.ts";
import type { Logger } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";
import type { OpenedEventLog } from "./event-log.ts";

export interface StreamRunnerOptions {
  readonly settings: Pick<Settings, "engineHosts">;
  readonly engine: Engine;
  readonly database: Pick<Database, "streamStates">;
  readonly events: Pick<OpenedEventLog, "log" | "codec" | "leases">;
  readonly metrics: Pick<Metrics, "streams">;
  readonly logger: Logger;
}

/** A host has its next window while its last answer is on the way. */
const CALLS_PER_HOST = 2;

/** Starts this process's part of the embedded stream engine: the role `stream`. */
export function startStreamRunner(options: StreamRunnerOptions): StreamRunner {
  const { settings, engine, database, events, metrics, logger } = options;
  const { log, codec, leases } = events;
  const runner = new StreamRunner({
    ...{ log, codec, leases, engine, logger },
    states: database.streamStates(log.kind),
    concurrency: CALLS_PER_HOST * settings.engineHosts,
    metrics: metrics.streams,
  });
  runner.start();
  return runner;
}
