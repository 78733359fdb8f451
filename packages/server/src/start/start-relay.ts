import type { Database } from "../adapters/database/open-database.ts";
import { Relay } from "../domain/log/relay.ts";
import type { Logger } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";
import type { OpenedEventLog } from "./event-log.ts";

export interface RelayStart {
  readonly events: Pick<OpenedEventLog, "log" | "codec" | "leases">;
  readonly database: Pick<Database, "outbox">;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Starts the relay of this process: the role `relay`. */
export function startRelay({ events, database, metrics, logger }: RelayStart): Relay {
  const { log, codec, leases } = events;
  const { outbox } = database;
  metrics.log.watchOutbox(() => outbox.backlog());
  const relay = new Relay({ outbox, log, codec, leases, logger });
  relay.start();
  return relay;
}
