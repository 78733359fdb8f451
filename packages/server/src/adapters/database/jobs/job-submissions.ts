import pg from "pg";
import { DependencyUnavailable } from "../../../domain/errors.ts";
import type { JobRecord, NewJob } from "../../../domain/jobs/job.ts";
import type { SecretSealer } from "../../../domain/ports.ts";
import { setProject, transaction } from "../project-transaction.ts";
import { inputContext } from "../sealed-contexts.ts";
import { CHANNELS, eventType, tell } from "./job-events.ts";
import { inputParts } from "./parts.ts";

interface Waiting {
  readonly job: NewJob;
  readonly resolve: (job: JobRecord) => void;
  readonly reject: (error: unknown) => void;
}

const batchJobs = 256;
/** Inputs of one transaction; one that alone is larger has a transaction of its own. */
const batchBytes = 4 * 1024 * 1024;
const queueJobs = 4_096;
const queueBytes = 256 * 1024 * 1024;
const isDataError = /^2[23]/;

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
] as const;
const given = columns.map(([name]) => name).join(", ");
const parameters = columns.map(([, type], i) => `$${i + 2}::${type}[]`).join(", ");
const told = tell("made", eventType("job.submitted"));

const insertJobs = `with given as (select * from unnest(${parameters}) as given (${given})),
  made as (
    insert into tda.jobs (project_id, id, principal_id, request_id, algorithm, computation_id, parameters, input_sha256, input_bytes,
      dedup_key, priority, order_at, estimate_seconds, estimate_bytes, cpu_limit_seconds, deadline_at, callback_url, warnings)
    select $1, id, principal_id, request_id, algorithm, computation_id, parameters::json, decode(input_sha256, 'hex'), input_bytes,
      dedup_key, priority, now() + make_interval(secs => order_delay), estimate_seconds, estimate_bytes, cpu_limit_seconds,
      now() + make_interval(secs => deadline_seconds), callback_url, warnings::json
    from given returning *
  ), ${told.expressions}
  select now() as created_at, ${told.told} as told, pg_notify('${CHANNELS.queued}', '')`;

const insertParts = `insert into tda.job_inputs (project_id, job_id, part, body, master_key_id)
  select $1, job_id, part, body, $5 from unnest($2::text[], $3::int[], $4::bytea[]) as given (job_id, part, body)`;

/**
 * Stores jobs durably. A commit waits for the disk, so jobs that arrive while one is under way share the next, as records of
 * computations do. Bounded by number and bytes: beyond, a caller is told that the database is unavailable.
 */
export class JobSubmissions {
  readonly #pool: pg.Pool;
  readonly #sealer: SecretSealer;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #flushing: Promise<void> | null = null;

  constructor(pool: pg.Pool, sealer: SecretSealer) {
    this.#pool = pool;
    this.#sealer = sealer;
  }

  submit(job: NewJob): Promise<JobRecord> {
    const isFull = this.#queue.length >= queueJobs || (this.#queue.length > 0 && this.#queuedBytes > queueBytes);
    if (isFull) return Promise.reject(new DependencyUnavailable("database", "Too many jobs wait to be stored.", 1));
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#queuedBytes += job.input.length;
      this.#flushing ??= this.#flush();
    });
  }

  async drain(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // What the same turn of the event loop brings shares the first commit too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) await this.#write(this.#nextBatch());
    this.#flushing = null;
  }

  #nextBatch(): readonly Waiting[] {
    let bytes = 0;
    const tooMany = this.#queue.findIndex(({ job }, at) => {
      bytes += job.input.length;
      return at > 0 && (at >= batchJobs || bytes > batchBytes);
    });
    const batch = this.#queue.splice(0, tooMany === -1 ? this.#queue.length : tooMany);
    for (const { job } of batch) this.#queuedBytes -= job.input.length;
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const createdAt = await this.#insert(batch);
      for (const { job, resolve } of batch) resolve(asRecord(job, createdAt));
    } catch (error) {
      const isOneOfThem = batch.length > 1 && error instanceof pg.DatabaseError && isDataError.test(error.code ?? "");
      // One job that the database does not take must not fail those that happened to share its batch.
      if (isOneOfThem) for (const waiting of batch) await this.#write([waiting]);
      else for (const { reject } of batch) reject(error);
    }
  }

  async #insert(batch: readonly Waiting[]): Promise<Date> {
    const ofProjects = Map.groupBy(batch, ({ job }) => job.projectId);
    return await transaction(this.#pool, async (client) => {
      let createdAt = new Date();
      for (const [projectId, waiting] of ofProjects) {
        await setProject(client, projectId);
        await insertInputs(client, this.#sealer, projectId, waiting);
        const rows = waiting.map(({ job }) => rowOf(job));
        const values = [projectId, ...columns.map((_, column) => rows.map((row) => row[column]))];
        const { rows: made } = await client.query<{ created_at: Date }>({
          name: "submit-jobs",
          text: insertJobs,
          values,
        });
        createdAt = made[0]!.created_at;
      }
      return createdAt;
    });
  }
}

async function insertInputs(
  client: pg.PoolClient,
  sealer: SecretSealer,
  projectId: string,
  waiting: readonly Waiting[],
): Promise<void> {
  const parts = waiting.flatMap(({ job }) =>
    inputParts(job.input).map((body, part, all) => ({ id: job.id, part, body, isLast: part === all.length - 1 })),
  );
  // Of a large input one part a statement; small ones together.
  const groups = waiting.length === 1 ? parts.map((part) => [part]) : [parts];
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
