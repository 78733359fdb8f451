import type pg from "pg";
import type { JobRecord, NewJob } from "../../../domain/jobs/job.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { GroupCommit } from "../group-commit.ts";
import { setProject, transaction } from "../project-transaction.ts";
import { inputContext } from "../sealed-contexts.ts";
import { CHANNELS, eventType, tell } from "./job-events.ts";
import { inputParts } from "./parts.ts";

const batchJobs = 256;
/** Inputs of one transaction; one that alone is larger has a transaction of its own. */
const batchBytes = 4 * 1024 * 1024;
const queueJobs = 4_096;
const queueBytes = 256 * 1024 * 1024;

/** In the order of the parameters. */
const columns = [
  ["id", "text"],
  ["principal_id", "text"],
  ["request_id", "text"],
  ["algorithm", "text"],
  ["computation_id", "text"],
  ["parameters", "text"],
  ["input_sha256", "text"],
  ["input_bytes", "bigint"],
  ["dedup_key", "text"],
  ["priority", "smallint"],
  ["order_delay", "float8"],
  ["estimate_seconds", "float8"],
  ["estimate_bytes", "float8"],
  ["cpu_limit_seconds", "float8"],
  ["deadline_seconds", "float8"],
  ["callback_url", "text"],
  ["warnings", "text"],
  ["traceparent", "text"],
] as const;
const given = columns.map(([name]) => name).join(", ");
const parameters = columns.map(([, type], i) => `$${i + 2}::${type}[]`).join(", ");
const told = tell("made", eventType("job.submitted"));

const insertJobs = `with given as (select * from unnest(${parameters}) as given (${given})),
  made as (
    insert into tda.jobs (project_id, id, principal_id, request_id, algorithm, computation_id, parameters, input_sha256, input_bytes,
      dedup_key, priority, order_at, estimate_seconds, estimate_bytes, cpu_limit_seconds, deadline_at, callback_url, warnings, traceparent)
    select $1, id, principal_id, request_id, algorithm, computation_id, parameters::json, decode(input_sha256, 'hex'), input_bytes,
      dedup_key, priority, now() + make_interval(secs => order_delay), estimate_seconds, estimate_bytes, cpu_limit_seconds,
      now() + make_interval(secs => deadline_seconds), callback_url, warnings::json, traceparent
    from given returning *
  ), ${told.expressions}
  select now() as created_at, ${told.told} as told, pg_notify('${CHANNELS.queued}', '')`;

const insertParts = `insert into tda.job_inputs (project_id, job_id, part, body, master_key_id)
  select $1, job_id, part, body, $5 from unnest($2::text[], $3::int[], $4::bytea[]) as given (job_id, part, body)`;

/** Stores jobs durably, many by one commit. Bounded by number and bytes: beyond, callers are told to come again. */
export class JobSubmissions {
  readonly #jobs: GroupCommit<NewJob, JobRecord>;

  constructor(pool: pg.Pool, sealer: ValueSealer) {
    this.#jobs = new GroupCommit({
      write: (batch) => insert(pool, sealer, batch),
      batchItems: batchJobs,
      batchBytes,
      queueItems: queueJobs,
      queueBytes,
      bytesOf: ({ input }) => input.length,
      refusal: "Too many jobs wait to be stored.",
    });
  }

  submit(job: NewJob): Promise<JobRecord> {
    return this.#jobs.add(job);
  }

  drain(): Promise<void> {
    return this.#jobs.drain();
  }
}

async function insert(pool: pg.Pool, sealer: ValueSealer, batch: readonly NewJob[]): Promise<readonly JobRecord[]> {
  const ofProjects = Map.groupBy(batch, ({ projectId }) => projectId);
  return await transaction(pool, async (client) => {
    let createdAt = new Date();
    for (const [projectId, jobs] of ofProjects) {
      await setProject(client, projectId);
      await insertInputs(client, sealer, projectId, jobs);
      const rows = jobs.map(rowOf);
      const values = [projectId, ...columns.map((_, column) => rows.map((row) => row[column]))];
      const { rows: made } = await client.query<{ created_at: Date }>({
        name: "submit-jobs",
        text: insertJobs,
        values,
      });
      createdAt = made[0]!.created_at;
    }
    return batch.map((job) => asRecord(job, createdAt));
  });
}

async function insertInputs(
  client: pg.PoolClient,
  sealer: ValueSealer,
  projectId: string,
  jobs: readonly NewJob[],
): Promise<void> {
  const parts = jobs.flatMap((job) =>
    inputParts(job.input).map((body, part, all) => ({ id: job.id, part, body, isLast: part === all.length - 1 })),
  );
  // Of a large input one part a statement; small ones together.
  const groups = jobs.length === 1 ? parts.map((part) => [part]) : [parts];
  for (const group of groups) {
    const bodies = group.map(({ id: jobId, part, body, isLast }) =>
      sealer.seal(inputContext({ projectId, jobId, part, isLast }), body),
    );
    await client.query({
      name: "submit-job-inputs",
      text: insertParts,
      values: [projectId, group.map(({ id }) => id), group.map(({ part }) => part), bodies, sealer.masterKeyId],
    });
  }
}

/** In the order of `columns`. */
function rowOf(job: NewJob): readonly (string | number | null)[] {
  return [
    job.id,
    job.principalId,
    job.requestId,
    job.algorithm,
    job.computationId,
    JSON.stringify(job.parameters),
    job.inputSha256,
    job.input.length,
    job.dedupKey,
    job.priority,
    job.orderDelaySeconds,
    job.estimateSeconds,
    job.estimateBytes,
    job.cpuLimitSeconds,
    job.deadlineSeconds,
    job.callbackUrl,
    JSON.stringify(job.warnings),
    job.traceparent,
  ];
}

function asRecord(job: NewJob, createdAt: Date): JobRecord {
  const { id, projectId, algorithm, priority, warnings, estimateSeconds, estimateBytes, callbackUrl } = job;
  return {
    ...{ id, projectId, algorithm, priority, warnings, estimateSeconds, estimateBytes, callbackUrl, createdAt },
    status: "queued",
    progress: 0,
    stage: null,
    attempt: 0,
    isDead: false,
    startedAt: null,
    finishedAt: null,
    error: null,
  };
}
