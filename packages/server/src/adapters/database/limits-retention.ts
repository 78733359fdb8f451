import type pg from "pg";
import type { Logger } from "../../internal/logger.ts";
import { periodically } from "../../internal/periodically.ts";
import { deleteInBatches } from "./delete-in-batches.ts";

const batchRows = 2_000;
const tenMinutes = { firstMs: 90_000, everyMs: 600_000, complaint: "expired keys and old use could not be deleted" };

const expiredKeys = `delete from tda.idempotency_keys where (project_id, operation, key_sha256) in (
  select project_id, operation, key_sha256 from tda.idempotency_keys where expires_at < now() limit $1)`;
const oldHours = `delete from tda.usage_hours where (project_id, hour) in (
  select project_id, hour from tda.usage_hours where hour < now() - make_interval(days => $2) limit $1)`;

/** Deletes expired idempotency keys and old hours of use; returns how many. */
export async function deleteOldLimits(pool: pg.Pool, usageRetentionDays: number): Promise<number> {
  const keys = await deleteInBatches(pool, expiredKeys, batchRows, []);
  return keys + (await deleteInBatches(pool, oldHours, batchRows, [usageRetentionDays]));
}

/** Keeps both tables bounded, every ten minutes, until the signal. */
export function keepLimitsBounded(
  pool: pg.Pool,
  usageRetentionDays: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  return periodically(tenMinutes, logger, signal, async () => {
    await deleteOldLimits(pool, usageRetentionDays);
  });
}
