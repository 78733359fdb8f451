import type pg from "pg";
import type { JobOutcome } from "../../../domain/jobs/job-store.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { GroupCommit } from "../group-commit.ts";
import { transaction } from "../project-transaction.ts";
import { resultContext } from "../sealed-contexts.ts";
import { CHANNELS, tell } from "./job-events.ts";
import { inputParts } from "./parts.ts";

interface Ended {
  readonly worker: string;
  readonly outcome: JobOutcome;
}

const batchOutcomes = 128;
const batchBytes = 4 * 1024 * 1024;

/** In the order of the parameters. */
const columns = [
  ["project_id", "text"],
  ["id", "text"],
  ["worker_id", "text"],
  ["attempt", "int"],
  ["kind", "text"],
  ["error", "text"],
  ["is_dead", "boolean"],
  ["after_seconds", "float8"],
  ["failed", "int"],
  ["body", "bytea"],
  ["statistics", "text"],
  ["engine", "text"],
  ["engine_version", "text"],
] as const;
const names = columns.map(([name]) => name).join(", ");
const parameters = columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ");

const done = tell(
  "done",
  "case status when 'succeeded' then 'job.completed' when 'failed' then 'job.failed' else 'job.retrying' end",
);
const followed = tell("followed", "'job.completed'");

/**
 * State, result and events of attempts whose token still holds. What equals a job that succeeded, and waits, succeeds with it
 * and shares its result.
 */
const finishJobs = `with given as (select * from unnest(${parameters}) as given (${names})), held as (
    select j.project_id, j.id from tda.jobs j join given using (project_id, id)
    where j.status = 'running' and j.worker_id = given.worker_id and j.attempt = given.attempt
    order by j.project_id, j.id for update of j
  ), done as (
    update tda.jobs j set
      status = given.kind,
      progress = case given.kind when 'succeeded' then 1 else j.progress end,
      stage = case given.kind when 'succeeded' then 'done' else j.stage end,
      error = given.error::json,
      is_dead = given.is_dead,
      failures = j.failures + given.failed,
      run_after = now() + make_interval(secs => given.after_seconds),
      finished_at = case given.kind when 'queued' then null else now() end,
      result_job_id = case given.kind when 'succeeded' then j.id end,
      result_attempt = case given.kind when 'succeeded' then j.attempt end,
      worker_id = null, lease_expires_at = null, version = j.version + 1
    from held join given using (project_id, id)
    where j.project_id = held.project_id and j.id = held.id returning j.*
  ), ${done.expressions}, stored as (
    insert into tda.job_results (project_id, job_id, attempt, part, body, master_key_id)
    select done.project_id, done.id, done.attempt, 0, given.body, $${columns.length + 1}::text from done join given using (project_id, id) where done.status = 'succeeded'
  ), computed as (
    insert into tda.computations (id, project_id, principal_id, request_id, algorithm, status, error_code, input_sha256, parameters,
      statistics, engine, engine_version, started_at, finished_at)
    select done.computation_id, done.project_id, done.principal_id, done.request_id, done.algorithm, done.status, done.error ->> 'code',
      done.input_sha256, done.parameters::jsonb, given.statistics::jsonb, given.engine, given.engine_version, done.started_at, done.finished_at
    from done join given using (project_id, id) where done.status <> 'queued' and given.engine is not null on conflict do nothing
  ), equals as (
    select f.project_id, f.id, done.id as result_job_id, done.attempt as result_attempt
    from done join tda.jobs f on f.project_id = done.project_id and f.dedup_key = done.dedup_key
    where done.status = 'succeeded' and f.status = 'queued' for update of f skip locked
  ), followed as (
    update tda.jobs j set status = 'succeeded', progress = 1, stage = 'done', error = null, version = j.version + 1, finished_at = now(),
      started_at = coalesce(j.started_at, now()), result_job_id = equals.result_job_id, result_attempt = equals.result_attempt
    from equals where j.project_id = equals.project_id and j.id = equals.id returning j.*
  ), ${followed.expressions}, used as (
    delete from tda.job_inputs i using (
      select project_id, id from done where status = 'succeeded' union all select project_id, id from followed
    ) ended where i.project_id = ended.project_id and i.job_id = ended.id
  ), woken as (select pg_notify('${CHANNELS.queued}', '') from done where status = 'queued' limit 1)
  select id, ${done.told}, ${followed.told}, (select count(*) from woken) from done`;

const insertParts = `insert into tda.job_results (project_id, job_id, attempt, part, body, master_key_id) values ($1, $2, $3, $4, $5, $6)`;

/** Ends attempts, many by one commit. Unbounded: a worker has no more of them than attempts. */
export class JobOutcomes {
  readonly #outcomes: GroupCommit<Ended, boolean>;

  constructor(pool: pg.Pool, sealer: ValueSealer) {
    this.#outcomes = new GroupCommit({
      write: (batch) => transaction(pool, (client) => write(client, sealer, batch)),
      batchItems: batchOutcomes,
      batchBytes,
      bytesOf: ({ outcome }) => (outcome.kind === "succeeded" ? outcome.body.length : 0),
      refusal: "Too many jobs end at the same time.",
    });
  }

  /** Whether the attempt's token still held. */
  finish(worker: string, outcome: JobOutcome): Promise<boolean> {
    return this.#outcomes.add({ worker, outcome });
  }

  drain(): Promise<void> {
    return this.#outcomes.drain();
  }
}

async function write(client: pg.PoolClient, sealer: ValueSealer, batch: readonly Ended[]): Promise<readonly boolean[]> {
  const rows = batch.map((ended) => rowOf(sealer, ended));
  const values = [...columns.map((_, column) => rows.map((row) => row[column])), sealer.masterKeyId];
  const { rows: done } = await client.query<{ id: string }>({ name: "finish-jobs", text: finishJobs, values });
  const held = new Set(done.map(({ id }) => id));
  for (const { outcome } of batch) {
    if (outcome.kind !== "succeeded" || !held.has(outcome.id)) continue;
    const { projectId, id, attempt } = outcome;
    for (let part = 1; part < inputParts(outcome.body).length; part++) {
      const body = sealedPart(sealer, outcome, part);
      await client.query(insertParts, [projectId, id, attempt, part, body, sealer.masterKeyId]);
    }
  }
  return batch.map(({ outcome }) => held.has(outcome.id));
}

function sealedPart(sealer: ValueSealer, outcome: JobOutcome & { kind: "succeeded" }, part: number): Uint8Array {
  const parts = inputParts(outcome.body);
  const place = { projectId: outcome.projectId, jobId: outcome.id, part, isLast: part === parts.length - 1 };
  return sealer.seal(resultContext(place, outcome.attempt), parts[part]!);
}

/** In the order of `columns`. */
function rowOf(sealer: ValueSealer, { worker, outcome }: Ended): readonly unknown[] {
  const ran = outcome.kind === "queued" ? null : outcome.ran;
  return [
    outcome.projectId,
    outcome.id,
    worker,
    outcome.attempt,
    outcome.kind,
    outcome.kind === "succeeded" || outcome.error === null ? null : JSON.stringify(outcome.error),
    outcome.kind === "failed" && outcome.isDead,
    outcome.kind === "queued" ? outcome.afterSeconds : 0,
    (outcome.kind === "queued" && outcome.isFailure) || (outcome.kind === "failed" && outcome.isDead) ? 1 : 0,
    outcome.kind === "succeeded" ? sealedPart(sealer, outcome, 0) : null,
    ran === null || ran.statistics === null ? null : JSON.stringify(ran.statistics),
    ran?.engine ?? null,
    ran?.engineVersion ?? null,
  ];
}
