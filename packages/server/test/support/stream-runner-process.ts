import { createHostPool } from "@tda-platform/engine";
import { attachDatabase, type SharedDatabase } from "../../src/adapters/database/open-database.ts";
import { silent } from "../../src/adapters/database/testing/records.ts";
import { type LeaseTimes, SharedLeases } from "../../src/domain/log/lease-membership.ts";
import { Keyring, type MasterKey } from "../../src/domain/storage/keyring.ts";
import { valueSealer } from "../../src/domain/storage/value-sealer.ts";
import { StreamRunner } from "../../src/domain/streams/runner/stream-runner.ts";
import { createMetrics } from "../../src/internal/metrics.ts";
import { openLog } from "./event-log.ts";

/** What a stream engine in a process of its own is told. */
export interface RunnerProcessOptions {
  readonly masterKey: MasterKey;
  readonly shared: SharedDatabase;
  readonly times: LeaseTimes;
}

process.once("disconnect", () => process.exit(0));
process.once("message", async ({ masterKey, shared, times }: RunnerProcessOptions) => {
  const sealer = valueSealer(new Keyring([masterKey]));
  const database = await attachDatabase(
    { poolSize: 2, statementTimeoutMs: 5_000, retentionDays: 30, usageRetentionDays: 400, sealer, logger: silent },
    shared,
  );
  const { log, codec } = await openLog(database);
  const runner = new StreamRunner({
    ...{ log, codec, engine: await createHostPool({ size: 1 }) },
    leases: new SharedLeases(database.leases, silent, times),
    states: database.streamStates(log.kind),
    concurrency: 2,
    metrics: createMetrics().streams,
    logger: silent,
  });
  runner.start();
  process.send?.("started");
});
