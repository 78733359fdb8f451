import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "../../internal/logger.ts";

const batchRows = 2_000;
const firstRunMs = 60_000;
const everyMs = 3_600_000;

/** Deletes records of computations that finished before the given number of days; returns how many. */
export async function deleteOldComputations(pool: pg.Pool, retentionDays: number): Promise<number> {
  let deleted = 0;
  for (;;) {
    // Small batches: no long transaction, no long lock.
    const { rowCount } = await pool.query(
      `delete from tda.computations where (project_id, id) in (
         select project_id, id from tda.computations where finished_at < now() - make_interval(days => $1) limit $2)`,
      [retentionDays, batchRows],
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < batchRows) return deleted;
  }
}

/** Keeps the table bounded, hourly, until the signal. Failures are for the next hour. */
export async function keepComputationsBounded(
  pool: pg.Pool,
  retentionDays: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = firstRunMs; ; waitMs = everyMs) {
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const deleted = await deleteOldComputations(pool, retentionDays);
      if (deleted > 0) logger.info({ deleted, retentionDays }, "old computations deleted");
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, "old computations could not be deleted");
    }
  }
}
