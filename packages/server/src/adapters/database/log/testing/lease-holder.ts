/**
 * A process that has a share of four partitions and writes under each lease, as fast as it can, until it is told to stop.
 * Its records say whose they are: partition, epoch, process.
 */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { SharedLeases } from "../../../../domain/log/lease-membership.ts";
import { LeaseLost } from "../../../../domain/log/partition-leases.ts";
import { Keyring } from "../../../../domain/storage/keyring.ts";
import { valueSealer } from "../../../../domain/storage/value-sealer.ts";
import { createLogger } from "../../../../internal/logger.ts";
import { createPool } from "../../connection-pool.ts";
import { DatabaseListener } from "../../database-listener.ts";
import { PostgresEventLog } from "../postgres-event-log.ts";
import { PostgresLeaseStore } from "../postgres-lease-store.ts";

export interface HolderStart {
  readonly name: string;
  readonly connection: pg.ClientConfig;
  readonly ttlMs: number;
  readonly beatMs: number;
}

const logger = createLogger({ level: "silent", format: "json" });

async function hold({ name, connection, ttlMs, beatMs }: HolderStart): Promise<void> {
  const pool = createPool({ connection, size: 3, statementTimeoutMs: 5_000, role: "tda_system", logger });
  const listener = new DatabaseListener(connection, logger);
  // What it writes is only counted.
  const sealer = valueSealer(new Keyring([{ id: "holder", secret: randomBytes(32) }]));
  const log = new PostgresEventLog({ pool, listener, sealer });
  const leases = new SharedLeases(new PostgresLeaseStore(pool, listener), logger, { ttlMs, beatMs });
  const membership = leases.join({
    group: "g",
    topic: "t",
    partitions: 4,
    work: async (lease, signal) => {
      while (!signal.aborted) {
        const key = `${lease.partition}/${lease.epoch}/${name}`;
        try {
          await log.append([{ topic: "streams", key, value: null, headers: {} }], [lease]);
        } catch (error) {
          if (error instanceof LeaseLost) process.send?.({ kind: "fenced", partition: lease.partition });
          throw error;
        }
      }
    },
    onChange: () => process.send?.({ kind: "held", count: membership?.held.length ?? 0 }),
  });
  process.once("message", async () => {
    await membership.close();
    await log.close();
    await listener.close();
    await pool.end();
    process.disconnect();
  });
}

process.once("message", (start: HolderStart) => void hold(start));
process.on("disconnect", () => process.exit());
