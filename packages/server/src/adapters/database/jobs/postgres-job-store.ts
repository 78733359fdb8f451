import type { JobEventBody, JobEventType } from "@tda-platform/contract/jobs";
import pg from "pg";
import type { JobEvent, JobRecord, JobResult, NewJob } from "../../../domain/jobs/job.ts";
import type { JobFilter, JobQuery, JobStore } from "../../../domain/jobs/job-store.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { inProject } from "../project-transaction.ts";
import { resultContext } from "../sealed-contexts.ts";
import { CHANNELS, eventType, tell } from "./job-events.ts";
import { JOB_COLUMNS, type JobRow, jobRecord } from "./job-rows.ts";
import { JobSubmissions } from "./job-submissions.ts";

const listJobs = `select ${JOB_COLUMNS} from tda.jobs
  where project_id = $1 and ($2::text is null or id < $2) and ($3::text is null or status = $3) and ($4::text is null or algorithm = $4)
  order by id desc limit $5`;

const cancelled = tell("cancelled", eventType("job.cancelled"));
/** Several rows are locked in the order of their keys everywhere, or skipped: so no two statements wait for each other. */
const cancelJobs = `with chosen as (
    select project_id, id from tda.jobs
    where project_id = $1 and status in ('queued', 'running') and ($2::text[] is null or id = any($2))
      and ($3::text is null or status = $3) and ($4::text is null or algorithm = $4) and ($5::timestamptz is null or created_at < $5)
    order by project_id, id limit $6 for update
  ), cancelled as (
    update tda.jobs j set status = 'cancelled', finished_at = now(), version = j.version + 1, worker_id = null, lease_expires_at = null,
      error = null
    from chosen where j.project_id = chosen.project_id and j.id = chosen.id returning j.*
  ), ${cancelled.expressions}, heard as (
    select pg_notify('${CHANNELS.cancelled}', string_agg(id, ',')) from (
      select id, (row_number() over ()) / 150 as share from cancelled where started_at is not null
    ) shared group by share
  )
  select (select count(*) from cancelled) as cancelled, ${cancelled.told}, (select count(*) from heard)`;

const UNIQUE_VIOLATION = "23505";
const redriven = tell("redriven", eventType("job.submitted"));
const redriveJob = `with redriven as (
    update tda.jobs j set status = 'queued', failures = 0, is_dead = false, error = null, finished_at = null, stage = null,
      run_after = now(), order_at = now() + (j.order_at - j.created_at), version = j.version + 1,
      deadline_at = now() + (j.deadline_at - j.created_at), callback_queued_at = null
    where j.project_id = $1 and j.id = $2 and j.status in ('failed', 'cancelled')
      and exists (select from tda.job_inputs i where i.project_id = j.project_id and i.job_id = j.id)
    returning j.*
  ), ${redriven.expressions}
  select ${JOB_COLUMNS}, ${redriven.told}, pg_notify('${CHANNELS.queued}', '') from redriven`;

/** The jobs of a project: each statement sees that project alone. */
export class PostgresJobStore implements JobStore {
  readonly #pool: pg.Pool;
  readonly #sealer: ValueSealer;
  readonly #submissions: JobSubmissions;

  constructor(pool: pg.Pool, sealer: ValueSealer) {
    this.#pool = pool;
    this.#sealer = sealer;
    this.#submissions = new JobSubmissions(pool, sealer);
  }

  /** A job that is there already, by its identifier, is the one that an earlier attempt of the same request stored. */
  async submit(job: NewJob): Promise<JobRecord> {
    try {
      return await this.#submissions.submit(job);
    } catch (error) {
      const isThere = error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION;
      const found = isThere ? await this.find(job.projectId, job.id) : null;
      if (found === null) throw error;
      return found;
    }
  }

  /** Waits until what was given so far is stored or refused. */
  async drain(): Promise<void> {
    await this.#submissions.drain();
  }

  async find(projectId: string, id: string): Promise<JobRecord | null> {
    const text = `select ${JOB_COLUMNS} from tda.jobs where project_id = $1 and id = $2`;
    const [row] = await this.#query<JobRow>(projectId, "find-job", text, [projectId, id]);
    return row === undefined ? null : jobRecord(row);
  }

  async list(projectId: string, { limit, before, status, algorithm }: JobQuery): Promise<readonly JobRecord[]> {
    const values = [projectId, before, status, algorithm, limit + 1];
    return (await this.#query<JobRow>(projectId, "list-jobs", listJobs, values)).map(jobRecord);
  }

  async result(projectId: string, id: string): Promise<JobResult | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<ResultRow>({
        name: "find-job-result",
        text: `select computation_id, algorithm, parameters::text as parameters, result_job_id, result_attempt
          from tda.jobs where project_id = $1 and id = $2 and status = 'succeeded'`,
        values: [projectId, id],
      });
      const row = rows[0];
      if (row === undefined) return null;
      const parts: Uint8Array[] = [];
      for (let part = 0; ; part++) {
        const { rows: found } = await client.query<{ body: Buffer; more: boolean }>({
          name: "read-job-result",
          text: `select body, exists (select from tda.job_results n where n.project_id = $1 and n.job_id = $2 and n.attempt = $3 and n.part = $4 + 1) as more
            from tda.job_results where project_id = $1 and job_id = $2 and attempt = $3 and part = $4`,
          values: [projectId, row.result_job_id, row.result_attempt, part],
        });
        const next = found[0];
        if (next === undefined) return null;
        const place = { projectId, jobId: row.result_job_id, part, isLast: !next.more };
        parts.push(this.#sealer.open(resultContext(place, row.result_attempt), next.body));
        if (!next.more) break;
      }
      const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      const { computation_id: computationId, algorithm, parameters } = row;
      return { jobId: id, computationId, algorithm, parameters, body };
    });
  }

  async cancel(projectId: string, id: string): Promise<JobRecord | null> {
    await this.#query(projectId, "cancel-jobs", cancelJobs, [projectId, [id], null, null, null, 1]);
    return await this.find(projectId, id);
  }

  async cancelMany(projectId: string, filter: JobFilter, limit: number): Promise<number> {
    const { ids, status, algorithm, createdBefore } = filter;
    const values = [projectId, ids, status, algorithm, createdBefore, limit];
    const [row] = await this.#query<{ cancelled: number }>(projectId, "cancel-jobs", cancelJobs, values);
    return row!.cancelled;
  }

  async redrive(projectId: string, id: string): Promise<JobRecord | null> {
    const [row] = await this.#query<JobRow>(projectId, "redrive-job", redriveJob, [projectId, id]);
    return row === undefined ? null : jobRecord(row);
  }

  async events(projectId: string, id: string, after: number, limit: number): Promise<readonly JobEvent[]> {
    const text = `select version, type, payload as body from tda.outbox
      where project_id = $1 and aggregate_id = $2 and version > $3 order by version limit $4`;
    return await this.#query<EventRow>(projectId, "job-events", text, [projectId, id, after, limit]);
  }

  async #query<Row extends pg.QueryResultRow>(
    projectId: string,
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<Row>({ name, text, values });
      return rows;
    });
  }
}

interface EventRow extends pg.QueryResultRow {
  readonly version: number;
  readonly type: JobEventType;
  readonly body: JobEventBody;
}

interface ResultRow {
  readonly computation_id: string;
  readonly algorithm: JobResult["algorithm"];
  readonly parameters: string;
  readonly result_job_id: string;
  readonly result_attempt: number;
}
