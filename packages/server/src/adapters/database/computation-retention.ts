import type pg from "pg";
import type { Logger } from "../../internal/logger.ts";
import { periodically } from "../../internal/periodically.ts";
import { deleteInBatches } from "./delete-in-batches.ts";

const batchRows = 2_000;
const hourly = { firstMs: 60_000, everyMs: 3_600_000, complaint: "old computations could not be deleted" };
const oldComputations = `delete from tda.computations where (project_id, id) in (
  select project_id, id from tda.computations where finished_at < now() - make_interval(days => $2) limit $1)`;

/** Deletes records of computations that finished before the given number of days; returns how many. */
export function deleteOldComputations(pool: pg.Pool, retentionDays: number): Promise<number> {
  return deleteInBatches(pool, oldComputations, batchRows, [retentionDays]);
}

/** Keeps the table bounded, hourly, until the signal. */
export function keepComputationsBounded(
  pool: pg.Pool,
  retentionDays: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  return periodically(hourly, logger, signal, async () => {
    const deleted = await deleteOldComputations(pool, retentionDays);
    if (deleted > 0) logger.info({ deleted, retentionDays }, "old computations deleted");
  });
}
