import type { ErasureState } from "@tda-platform/contract/erasures";
import type pg from "pg";
import type { ErasureProgress, ErasureStore, ErasureTask } from "../../../domain/erasure/erasure-store.ts";
import type { JobFilter, JobStore } from "../../../domain/jobs/job-store.ts";
import { asAvailable } from "../database-errors.ts";
import { channel as identityChannel } from "../identity/changes.ts";
import { BLOB_TABLE, projectTables } from "./project-tables.ts";

const ALL_JOBS: JobFilter = { status: null, algorithm: null, createdBefore: null, ids: null };
const cancelBatch = 1_000;

/** The time of the next attempt is also the end of the lease. What is done comes once more, for its late sweep. */
const claimText = `with due as (
    select id from tda.erasures
    where next_attempt_at <= now() and (finished_at is null or (swept_at is null and finished_at < now() - make_interval(secs => $2::float8 / 1000)))
    order by next_attempt_at limit 1 for update skip locked
  )
  update tda.erasures e set attempt = e.attempt + 1, next_attempt_at = now() + make_interval(secs => $1::float8 / 1000)
  from due where e.id = due.id
  returning e.id, e.erased_project_id, e.state, e.attempt, (extract(epoch from now() - e.state_since) * 1000)::float8 as age`;

/** Servers are told to forget what they remember; one that does not hear of it does so within a minute. */
const closeText = `with keys as (
    update tda.api_keys set revoked_at = now() where project_id = $1 and revoked_at is null returning id
  ), sessions as (delete from tda.sessions where project_id = $1 returning id, user_id),
  members as (delete from tda.memberships where project_id = $1 returning user_id as id),
  tickets as (delete from tda.tickets where project_id = $1)
  select pg_notify($2, id) from (
    select id from keys union select id from sessions union select user_id from sessions union select id from members
  ) changed`;

const progressText = `update tda.erasures set
    state = coalesce($3, state),
    state_since = case when $3 is null or $3 = state then state_since else now() end,
    rows_deleted = rows_deleted + $4, blobs_deleted = blobs_deleted + $5,
    next_attempt_at = now() + make_interval(secs => $6::float8 / 1000),
    error = case when $7 then $8 else error end,
    finished_at = case when $3 = 'erased' then now() else finished_at end
  where id = $1 and attempt = $2`;

interface TaskRow {
  readonly id: string;
  readonly erased_project_id: string;
  readonly state: ErasureState;
  readonly attempt: number;
  readonly age: number;
}

/** The steps of erasures, through connections of the system's role. */
export class PostgresErasureStore implements ErasureStore {
  readonly #pool: pg.Pool;
  readonly #jobs: Pick<JobStore, "cancelMany">;

  constructor(pool: pg.Pool, jobs: Pick<JobStore, "cancelMany">) {
    this.#pool = pool;
    this.#jobs = jobs;
  }

  async claim(leaseMs: number, lateSweepMs: number): Promise<ErasureTask | null> {
    const [row] = await this.#rows<TaskRow>(claimText, [leaseMs, lateSweepMs]);
    if (row === undefined) return null;
    const { id, erased_project_id: projectId, state, attempt, age: stateAgeMs } = row;
    return { id, projectId, state, attempt, stateAgeMs };
  }

  async progress({ id, attempt }: ErasureTask, leaseMs: number, progress: ErasureProgress): Promise<boolean> {
    const { state = null, rows = 0, blobs = 0, waitMs = leaseMs, error } = progress;
    const values = [id, attempt, state, rows, blobs, waitMs, error !== undefined, error ?? null];
    return (await asAvailable(() => this.#pool.query(progressText, values))).rowCount === 1;
  }

  async swept({ id, attempt }: ErasureTask): Promise<void> {
    await this.#rows("update tda.erasures set swept_at = now() where id = $1 and attempt = $2", [id, attempt]);
  }

  async closeCredentials(projectId: string): Promise<void> {
    await this.#rows(closeText, [projectId, identityChannel]);
  }

  async cancelJobs(projectId: string): Promise<number> {
    let cancelled = 0;
    for (;;) {
      const batch = await this.#jobs.cancelMany(projectId, ALL_JOBS, cancelBatch);
      cancelled += batch;
      if (batch < cancelBatch) return cancelled;
    }
  }

  async deleteRows(projectId: string, limit: number): Promise<number> {
    for (const table of await projectTables(this.#pool)) {
      if (table === BLOB_TABLE) continue;
      const deleted = await this.#deleteFrom(table, projectId, limit);
      if (deleted > 0) return deleted;
    }
    return 0;
  }

  /** By place, not by key: it is the same statement for every table, also for a partitioned one. */
  async #deleteFrom(table: string, projectId: string, limit: number): Promise<number> {
    const text = `delete from tda.${table} where project_id = $1 and (tableoid, ctid) in (
      select tableoid, ctid from tda.${table} where project_id = $1 limit $2)`;
    return (await asAvailable(() => this.#pool.query(text, [projectId, limit]))).rowCount ?? 0;
  }

  async blobs(projectId: string, limit: number): Promise<readonly string[]> {
    if (!(await projectTables(this.#pool)).includes(BLOB_TABLE)) return [];
    const text = "select id from tda.blobs where project_id = $1 order by id limit $2";
    return (await this.#rows<{ id: string }>(text, [projectId, limit])).map(({ id }) => id);
  }

  async forgetBlob(projectId: string, blobId: string): Promise<void> {
    await this.#rows("delete from tda.blobs where project_id = $1 and id = $2", [projectId, blobId]);
  }

  async deleteProject(projectId: string): Promise<void> {
    await this.#rows("delete from tda.projects where id = $1 and not is_default", [projectId]);
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return (await asAvailable(() => this.#pool.query<Row>(text, [...values]))).rows;
  }
}
