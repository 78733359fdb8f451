import type { Database } from "../adapters/database/open-database.ts";
import { ResultsSink } from "../domain/streams/results-sink.ts";
import type { Logger } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";
import type { OpenedEventLog } from "./event-log.ts";

export interface SinkOptions {
  readonly database: Pick<Database, "sinkStore">;
  readonly events: Pick<OpenedEventLog, "log" | "codec" | "leases">;
  readonly metrics: Pick<Metrics, "points">;
  readonly logger: Logger;
}

/** Starts to store the results of streams: the role `sink`. */
export async function startSink({ database, events, metrics, logger }: SinkOptions): Promise<ResultsSink> {
  const { log, codec, leases } = events;
  const sink = new ResultsSink({ log, codec, leases, store: database.sinkStore, metrics: metrics.points, logger });
  await sink.start();
  return sink;
}
