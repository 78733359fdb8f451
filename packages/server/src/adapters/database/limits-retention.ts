import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "../../internal/logger.ts";

const batchRows = 2_000;
const firstRunMs = 90_000;
const everyMs = 600_000;

const expiredKeys = `delete from tda.idempotency_keys where (project_id, operation, key_sha256) in (
  select project_id, operation, key_sha256 from tda.idempotency_keys where expires_at < now() limit $1)`;
const oldHours = `delete from tda.usage_hours where (project_id, hour) in (
  select project_id, hour from tda.usage_hours where hour < now() - make_interval(days => $2) limit $1)`;

/** Deletes expired idempotency keys and old hours of use; returns how many. */
export async function deleteOldLimits(pool: pg.Pool, usageRetentionDays: number): Promise<number> {
  return (await inBatches(pool, expiredKeys, [])) + (await inBatches(pool, oldHours, [usageRetentionDays]));
}

/** Small batches: no long transaction, no long lock. */
async function inBatches(pool: pg.Pool, text: string, values: readonly number[]): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { rowCount } = await pool.query(text, [batchRows, ...values]);
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < batchRows) return deleted;
  }
}

/** Keeps both tables bounded, every ten minutes, until the signal. Failures are for the next time. */
export async function keepLimitsBounded(
  pool: pg.Pool,
  usageRetentionDays: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = firstRunMs; ; waitMs = everyMs) {
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    await deleteOldLimits(pool, usageRetentionDays).catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ err: error }, "expired keys and old use could not be deleted");
    });
  }
}
