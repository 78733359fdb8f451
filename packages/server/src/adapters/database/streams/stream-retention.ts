import type pg from "pg";
import type { Logger } from "../../../internal/logger.ts";
import { periodically } from "../../../internal/periodically.ts";
import { deleteInBatches } from "../delete-in-batches.ts";

export interface StreamRetention {
  readonly resultDays: number;
  readonly rejectedDays: number;
  readonly keyTtlMs: number;
}

export const DEFAULT_STREAM_RETENTION: StreamRetention = { resultDays: 30, rejectedDays: 7, keyTtlMs: 86_400_000 };

const batchRows = 1_000;
const hourly = { firstMs: 100_000, everyMs: 3_600_000, complaint: "old results of streams could not be deleted" };

const oldResults = `delete from tda.stream_results where (project_id, stream_id, definition_version, key, window_seq, revision, opened_at) in (
  select project_id, stream_id, definition_version, key, window_seq, revision, opened_at from tda.stream_results
  where created_at < now() - make_interval(days => $2) limit $1)`;

const oldRejected = `delete from tda.stream_rejected where (project_id, stream_id, key, origin) in (
  select project_id, stream_id, key, origin from tda.stream_rejected
  where created_at < now() - make_interval(days => $2) limit $1)`;

/** Twice the time after which a key's state ends: points mark their key as used now and then only. Rows of streams are locked first, as elsewhere. */
const oldKeys = `with old as (
    select project_id, stream_id, key from tda.stream_keys
    where seen_at < now() - 2 * make_interval(secs => $2::float8 / 1000) limit $1
  ), counted as (select project_id, stream_id as id, count(*)::int as keys from old group by project_id, stream_id
  ), lessened as (
    update tda.streams s set key_count = greatest(0, s.key_count - counted.keys) from counted
    where s.project_id = counted.project_id and s.id = counted.id
  )
  delete from tda.stream_keys k using old
  where k.project_id = old.project_id and k.stream_id = old.stream_id and k.key = old.key`;

/** What belongs to a stream that was deleted. */
const ofDeleted = [
  `delete from tda.stream_results where (project_id, stream_id, definition_version, key, window_seq, revision, opened_at) in (
    select project_id, stream_id, definition_version, key, window_seq, revision, opened_at from tda.stream_results
    where project_id = $2 and stream_id = $3 limit $1)`,
  `delete from tda.stream_rejected where (project_id, stream_id, key, origin) in (
    select project_id, stream_id, key, origin from tda.stream_rejected where project_id = $2 and stream_id = $3 limit $1)`,
  `delete from tda.stream_keys where (project_id, stream_id, key) in (
    select project_id, stream_id, key from tda.stream_keys where project_id = $2 and stream_id = $3 limit $1)`,
  `delete from tda.stream_definitions where (project_id, stream_id, version) in (
    select project_id, stream_id, version from tda.stream_definitions where project_id = $2 and stream_id = $3 limit $1)`,
] as const;

/** Deletes what is old, and what is left of deleted streams, of all projects; how many rows. Several servers may at once. */
export async function deleteOldStreamRows(pool: pg.Pool, retention: StreamRetention): Promise<number> {
  let deleted = 0;
  deleted += await deleteInBatches(pool, oldResults, batchRows, [retention.resultDays]);
  deleted += await deleteInBatches(pool, oldRejected, batchRows, [retention.rejectedDays]);
  deleted += await deleteInBatches(pool, oldKeys, batchRows, [retention.keyTtlMs]);
  const { rows: gone } = await pool.query<{ project_id: string; id: string }>(
    "select project_id, id from tda.streams where status = 'deleted' order by project_id, id limit $1",
    [batchRows],
  );
  for (const { project_id, id } of gone) {
    for (const text of ofDeleted) deleted += await deleteInBatches(pool, text, batchRows, [project_id, id]);
    const { rowCount } = await pool.query(
      "delete from tda.streams where project_id = $1 and id = $2 and status = 'deleted'",
      [project_id, id],
    );
    deleted += rowCount ?? 0;
  }
  return deleted;
}

/** Keeps results, rejected points and keys bounded, hourly, until the signal. */
export function keepStreamsBounded(
  pool: pg.Pool,
  retention: StreamRetention,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  return periodically(hourly, logger, signal, async () => {
    const deleted = await deleteOldStreamRows(pool, retention);
    if (deleted > 0) logger.info({ deleted }, "old results and rejected points of streams deleted");
  });
}
