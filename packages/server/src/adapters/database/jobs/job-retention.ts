import type pg from "pg";
import type { ValueSealer } from "../../../domain/ports.ts";
import type { Logger } from "../../../internal/logger.ts";
import { periodically } from "../../../internal/periodically.ts";
import { renewSealedValues } from "../sealed-value-renewal.ts";

/** Days after which what is finished is deleted. */
export interface JobRetention {
  readonly jobDays: number;
  readonly resultDays: number;
  readonly eventDays: number;
}

export const DEFAULT_JOB_RETENTION: JobRetention = { jobDays: 30, resultDays: 7, eventDays: 7 };

const batchRows = 1_000;
const hourly = { firstMs: 90_000, everyMs: 3_600_000, complaint: "old jobs could not be deleted" };
/** An advisory lock: "tda" in letters, and 3 for the retention of jobs. */
const retentionLock = [0x746461, 3] as const;

/**
 * In this order: of a job its results, its input, and then the job. Each deletes one batch of what is older than so many days; of
 * events only what the log has, however long it was away.
 */
const steps = [
  {
    name: "results",
    days: ({ resultDays }: JobRetention) => resultDays,
    text: `delete from tda.job_results where (project_id, job_id, attempt, part) in (
      select project_id, job_id, attempt, part from tda.job_results where created_at < now() - make_interval(days => $1) limit $2)`,
  },
  {
    name: "jobs",
    days: ({ jobDays }: JobRetention) => jobDays,
    text: `with old as (
        select project_id, id from tda.jobs where finished_at < now() - make_interval(days => $1)
        order by project_id, id limit $2 for update skip locked
      ), inputs as (
        delete from tda.job_inputs i using old where i.project_id = old.project_id and i.job_id = old.id
      )
      delete from tda.jobs j using old where j.project_id = old.project_id and j.id = old.id`,
  },
  {
    name: "events",
    days: ({ eventDays }: JobRetention) => eventDays,
    text: `delete from tda.outbox where (project_id, aggregate_id, version) in (
      select project_id, aggregate_id, version from tda.outbox
      where created_at < now() - make_interval(days => $1) and published_at is not null limit $2)`,
  },
] as const;

/** Deletes what is old, of all projects; how many rows, by kind. Nothing while another server does. */
export async function deleteOldJobs(pool: pg.Pool, retention: JobRetention): Promise<Readonly<Record<string, number>>> {
  const deleted: Record<string, number> = {};
  for (const { name, days, text } of steps) {
    let rows: number;
    do {
      // Small batches: no long transaction, no long lock.
      rows = await deleteBatch(pool, text, days(retention));
      deleted[name] = (deleted[name] ?? 0) + rows;
    } while (rows === batchRows);
  }
  return deleted;
}

async function deleteBatch(pool: pg.Pool, text: string, days: number): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_xact_lock($1, $2) as taken", [
      ...retentionLock,
    ]);
    const count = rows[0]?.taken === true ? ((await client.query(text, [days, batchRows])).rowCount ?? 0) : 0;
    await client.query("commit");
    client.release();
    return count;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** Keeps jobs, results and events bounded and under the present master key, hourly, until the signal. */
export function keepJobsBounded(
  pool: pg.Pool,
  retention: JobRetention,
  sealer: ValueSealer,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  return periodically(hourly, logger, signal, async () => {
    const deleted = await deleteOldJobs(pool, retention);
    if (Object.values(deleted).some((count) => count > 0)) logger.info({ deleted }, "old jobs deleted");
    const renewed = await renewSealedValues(pool, sealer);
    if (renewed > 0) logger.info({ renewed }, "inputs, results and answers are under the present master key");
  });
}
