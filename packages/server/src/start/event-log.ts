import type { Database } from "../adapters/database/open-database.ts";
import { eventLogProbe } from "../adapters/event-log/event-log-probe.ts";
import { HttpSchemaRegistry } from "../adapters/schema-registry/http-schema-registry.ts";
import type { Settings } from "../config/settings.ts";
import type { EventCodec, EventLog } from "../domain/log/event-log.ts";
import { SharedLeases } from "../domain/log/lease-membership.ts";
import { ObservedLog } from "../domain/log/observed-log.ts";
import type { PartitionLeases } from "../domain/log/partition-leases.ts";
import { RegistryCodec } from "../domain/log/registry-codec.ts";
import { IncompatibleSchema } from "../domain/log/schema-registry.ts";
import type { DependencyProbe } from "../domain/ports.ts";
import type { CircuitName } from "../internal/circuit.ts";
import type { Logger } from "../internal/logger.ts";
import { StartError } from "../internal/start-error.ts";
import { kafkaConnection } from "./kafka-connection.ts";

/** The log of events, how its values are written, and who works on which partition. */
export interface OpenedEventLog {
  readonly log: ObservedLog;
  readonly codec: EventCodec;
  readonly leases: PartitionLeases;
  readonly probe: DependencyProbe;
  /** Of its circuit breaker; null: it has none of its own. */
  readonly circuit: (() => CircuitName) | null;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * The log that the settings ask for. It need not be reachable: what waits for it is delivered later.
 * @throws StartError when this release does not read what is in the log.
 */
export async function openEventLog(settings: Settings, database: Database, logger: Logger): Promise<OpenedEventLog> {
  const { schemaRegistryUrl, kafkaTopicPrefix: prefix } = settings;
  const registry = schemaRegistryUrl === null ? database.schemas : new HttpSchemaRegistry({ url: schemaRegistryUrl });
  const codec = new RegistryCodec({ registry, prefix, logger });
  const opened = await openLog(settings, database, logger);
  const log = new ObservedLog(opened);
  try {
    if (registry.kind === "embedded") await codec.ready();
  } catch (error) {
    await log.close();
    if (error instanceof IncompatibleSchema) throw new StartError(error.message, { cause: error });
    throw error;
  }
  let closed: Promise<void> | null = null;
  return {
    log,
    codec,
    leases: new SharedLeases(database.leases, logger),
    probe: eventLogProbe(opened, codec),
    circuit: opened.circuit === undefined ? null : () => opened.circuit ?? "closed",
    close: () => {
      closed ??= Promise.all([codec.close(), log.close()]).then(() => undefined);
      return closed;
    },
  };
}

async function openLog(
  settings: Settings,
  database: Database,
  logger: Logger,
): Promise<EventLog & { readonly circuit?: CircuitName }> {
  const connection = kafkaConnection(settings);
  if (connection === null) return database.openEventLog();
  // Loaded where it is used.
  const { KafkaEventLog } = await import("../adapters/kafka/kafka-event-log.ts");
  return new KafkaEventLog({ connection, requireLeases: (leases) => database.leases.require(leases), logger });
}
