import type pg from "pg";
import type { LeasedJob } from "../../../domain/jobs/job.ts";
import type { Heartbeat, LeaseRequest } from "../../../domain/jobs/job-store.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { inputContext } from "../sealed-contexts.ts";
import { eventType, tell } from "./job-events.ts";

/** An input that is not larger comes with the lease. */
const inlineInputBytes = 262_144;

const started = tell("leased", eventType("job.started"));

/**
 * Projects take turns: a job's turn is its place in its project's queue after those of the project that run already. Within
 * a project by `order_at`: the time of submission, later by its cost and earlier by its priority, both within bounds, so that
 * everything comes to its turn. Of each project as many are looked at as may come to their turn now, and as many again.
 * (What is locked is found by its key: `coalesce` keeps the planner from the index of the queue, which it takes for empty.)
 * A computation that runs already is not begun again: its equals end with it.
 */
const leaseJobs = `with recursive waiting as (
    (select project_id from tda.jobs where status = 'queued' order by project_id limit 1)
    union all
    select later.project_id from waiting cross join lateral (
      select project_id from tda.jobs where status = 'queued' and project_id > waiting.project_id order by project_id limit 1
    ) later
  ), running as (
    select project_id, count(*) as jobs, array_agg(dedup_key) as keys from tda.jobs where status = 'running' group by project_id
  ), candidates as (
    select found.*, coalesce(running.jobs, 0) + row_number() over (partition by found.project_id order by found.order_at, found.id) as turn
    from waiting left join running using (project_id) cross join lateral (
      select j.project_id, j.id, j.order_at, j.estimate_seconds, j.dedup_key from tda.jobs j
      where j.project_id = waiting.project_id and j.status = 'queued' and j.run_after <= now()
        and (running.keys is null or j.dedup_key <> all (running.keys))
      order by j.order_at, j.id limit (select greatest(2, 2 * ($3::int + $4::int) / count(*)) from waiting)
    ) found
  ), ranked as (
    select *, row_number() over (order by turn, order_at, id) as place,
      row_number() over (partition by project_id, dedup_key order by turn) as equal
    from candidates
  ), chosen as (
    select project_id, id from ranked where equal = 1 and (place <= $3::int or estimate_seconds <= $5::float8) order by place limit $3::int + $4::int
  ), locked as (
    select j.project_id, j.id from tda.jobs j join chosen using (project_id, id) where coalesce(j.status, '') = 'queued'
    order by j.project_id, j.id for update of j skip locked
  ), leased as (
    update tda.jobs j set status = 'running', attempt = j.attempt + 1, version = j.version + 1, worker_id = $1, started_at = now(),
      lease_expires_at = now() + make_interval(secs => $2::float8), error = null
    from locked where j.project_id = locked.project_id and j.id = locked.id returning j.*
  ), ${started.expressions}
  select leased.id, leased.project_id, leased.attempt, leased.algorithm, leased.computation_id, leased.request_id, leased.parameters,
    encode(leased.input_sha256, 'hex') as input_sha256, leased.dedup_key, leased.estimate_seconds, leased.cpu_limit_seconds,
    extract(epoch from leased.deadline_at - now())::float8 as deadline_in_seconds, leased.failures,
    extract(epoch from now() - leased.created_at)::float8 as waited_seconds,
    case when leased.input_bytes <= ${inlineInputBytes} then (
      select body from tda.job_inputs i where i.project_id = leased.project_id and i.job_id = leased.id and i.part = 0) end as input,
    ${started.told}
  from leased join chosen using (project_id, id) join ranked using (project_id, id) order by ranked.place`;

interface LeasedRow {
  readonly id: string;
  readonly project_id: string;
  readonly attempt: number;
  readonly algorithm: LeasedJob["algorithm"];
  readonly computation_id: string;
  readonly request_id: string;
  readonly parameters: Record<string, unknown>;
  readonly input_sha256: string;
  readonly dedup_key: string;
  readonly estimate_seconds: number | null;
  readonly cpu_limit_seconds: number | null;
  readonly deadline_in_seconds: number | null;
  readonly failures: number;
  readonly waited_seconds: number;
  readonly input: Buffer | null;
}

export async function lease(pool: pg.Pool, sealer: ValueSealer, request: LeaseRequest): Promise<readonly LeasedJob[]> {
  const { worker, leaseSeconds, slots, smallJobs, smallSeconds } = request;
  const values = [worker, leaseSeconds, slots, smallJobs, smallSeconds];
  const { rows } = await pool.query<LeasedRow>({ name: "lease-jobs", text: leaseJobs, values });
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    attempt: row.attempt,
    algorithm: row.algorithm,
    computationId: row.computation_id,
    requestId: row.request_id,
    parameters: row.parameters,
    inputSha256: row.input_sha256,
    input: openInline(sealer, row),
    dedupKey: row.dedup_key,
    estimateSeconds: row.estimate_seconds,
    cpuLimitSeconds: row.cpu_limit_seconds,
    deadlineInMs: row.deadline_in_seconds === null ? null : row.deadline_in_seconds * 1000,
    failures: row.failures,
    waitedMs: row.waited_seconds * 1000,
  }));
}

/** null when it does not open: the attempt then reads it by itself, and fails alone. */
function openInline(sealer: ValueSealer, { project_id: projectId, id: jobId, input }: LeasedRow): Uint8Array | null {
  if (input === null) return null;
  try {
    return sealer.open(inputContext({ projectId, jobId, part: 0, isLast: true }), input);
  } catch {
    return null;
  }
}

/** The parts of an input, one after the other. @throws when one was changed, or is another's. */
export async function readInput(
  pool: pg.Pool,
  sealer: ValueSealer,
  { projectId, id }: Pick<LeasedJob, "projectId" | "id">,
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const { rows } = await pool.query<{ body: Buffer; more: boolean }>({
      name: "read-job-input",
      text: `select body, exists (select from tda.job_inputs n where n.project_id = $1 and n.job_id = $2 and n.part = $3 + 1) as more
        from tda.job_inputs where project_id = $1 and job_id = $2 and part = $3`,
      values: [projectId, id, parts.length],
    });
    const next = rows[0];
    // Deleted between two parts: gone.
    if (next === undefined) return null;
    const place = { projectId, jobId: id, part: parts.length, isLast: !next.more };
    parts.push(sealer.open(inputContext(place), next.body));
    if (!next.more) break;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

const progressed = tell("changed", eventType("job.progress"));
const renewLeases = `with given as (
    select * from unnest($3::text[], $4::text[], $5::int[], $6::float8[], $7::text[]) as given (project_id, id, attempt, progress, stage)
  ), held as (
    select j.project_id, j.id, greatest(j.progress, given.progress) as progress, coalesce(given.stage, j.stage) as stage,
      given.progress > j.progress or (given.stage is not null and given.stage is distinct from j.stage) as is_changed
    from tda.jobs j join given using (project_id, id)
    where j.status = 'running' and j.worker_id = $1 and j.attempt = given.attempt
    order by j.project_id, j.id for update of j
  ), renewed as (
    update tda.jobs j set lease_expires_at = now() + make_interval(secs => $2::float8), progress = held.progress, stage = held.stage,
      version = j.version + held.is_changed::int
    from held where j.project_id = held.project_id and j.id = held.id returning j.*, held.is_changed
  ), changed as (select * from renewed where is_changed), ${progressed.expressions}
  select id, ${progressed.told} from renewed`;

export async function renew(
  pool: pg.Pool,
  worker: string,
  leaseSeconds: number,
  beats: readonly Heartbeat[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>({
    name: "renew-leases",
    text: renewLeases,
    values: [
      worker,
      leaseSeconds,
      beats.map(({ projectId }) => projectId),
      beats.map(({ id }) => id),
      beats.map(({ attempt }) => attempt),
      beats.map(({ progress }) => progress),
      beats.map(({ stage }) => stage),
    ],
  });
  return new Set(rows.map(({ id }) => id));
}
