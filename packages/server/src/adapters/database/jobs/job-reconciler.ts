import { JOB_RETRY } from "@tda-platform/contract/limits";
import type pg from "pg";
import type { Reconciled } from "../../../domain/jobs/job-store.ts";
import { transaction } from "../project-transaction.ts";
import { CHANNELS, tell } from "./job-events.ts";

/** An advisory lock: "tda" in letters, and 2 for the reconciler. Of all servers one at a time looks for what was left. */
const reconcilerLock = [0x746461, 2] as const;
const batchRows = 500;

function problem(code: string, title: string, status: number, detail: string): string {
  return `json_build_object('type', '/docs/problems#${code}', 'title', '${title}', 'status', ${status}, 'detail', '${detail}',
    'instance', '/v1/jobs/' || j.id, 'code', '${code}', 'request_id', j.request_id)`;
}

const lost = tell("lost", "case status when 'failed' then 'job.failed' else 'job.retrying' end");
const takeBackLeases = `with expired as (
    select project_id, id from tda.jobs where status = 'running' and lease_expires_at < now()
    order by project_id, id limit ${batchRows} for update skip locked
  ), lost as (
    update tda.jobs j set
      status = case when j.failures + 1 >= $1 then 'failed' else 'queued' end,
      is_dead = j.failures + 1 >= $1,
      finished_at = case when j.failures + 1 >= $1 then now() end,
      run_after = now() + make_interval(secs => (0.5 + random() / 2) * least(${JOB_RETRY.longestSeconds}, ${JOB_RETRY.firstSeconds} * 2 ^ least(j.failures, 30))),
      error = ${problem("job_lease_lost", "Worker lost", 503, "The worker did not report in time.")},
      failures = j.failures + 1, version = j.version + 1, worker_id = null, lease_expires_at = null
    from expired where j.project_id = expired.project_id and j.id = expired.id returning j.*
  ), ${lost.expressions}
  select count(*) as lost, count(*) filter (where is_dead) as dead, ${lost.told}, pg_notify('${CHANNELS.queued}', '') from lost`;

const late = tell("late", "'job.failed'");
const failLate = `with chosen as (
    select project_id, id from tda.jobs where status = 'queued' and deadline_at < now()
    order by project_id, id limit ${batchRows} for update skip locked
  ), late as (
    update tda.jobs j set status = 'failed', finished_at = now(), version = j.version + 1,
      error = ${problem("job_deadline_exceeded", "Deadline passed", 504, "The job had not finished at its deadline.")}
    from chosen where j.project_id = chosen.project_id and j.id = chosen.id returning j.*
  ), ${late.expressions}
  select count(*) as late, ${late.told} from late`;

/** One look for jobs whose worker is gone or whose deadline has passed; nothing when another server is looking. */
export async function reconcile(pool: pg.Pool, maxAttempts: number): Promise<Reconciled> {
  return await transaction(pool, async (client) => {
    const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_xact_lock($1, $2) as taken", [
      ...reconcilerLock,
    ]);
    if (rows[0]?.taken !== true) return { lostLeases: 0, dead: 0, pastDeadline: 0 };
    const taken = await client.query<{ lost: number; dead: number }>({
      name: "take-back-leases",
      text: takeBackLeases,
      values: [maxAttempts],
    });
    const failed = await client.query<{ late: number }>({ name: "fail-late-jobs", text: failLate });
    return { lostLeases: taken.rows[0]!.lost, dead: taken.rows[0]!.dead, pastDeadline: failed.rows[0]!.late };
  });
}
