import type pg from "pg";
import type {
  AttemptOutcome,
  ClaimRequest,
  DeliveryQueue,
  DueDelivery,
} from "../../../domain/webhooks/delivery-queue.ts";
import { newId } from "../../../internal/ids.ts";
import { asAvailable } from "../database-errors.ts";

const retentionBatch = 1_000;
/** Due deliveries that a claim looks at: beyond them, those of a host with many wait for the next look. */
const window = 500;

const rfc3339 = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * The job's own row says whether its end is told already, and is marked by the statement that makes the delivery: what the end of
 * a job commits is enough, and a crash in between loses and doubles nothing.
 */
const queueText = `with ended as (
    select project_id, id from tda.jobs
    where callback_url is not null and callback_queued_at is null and finished_at is not null
    order by finished_at limit cardinality($1::text[]) for update skip locked
  ), queued as (
    update tda.jobs j set callback_queued_at = now() from ended
    where j.project_id = ended.project_id and j.id = ended.id
    returning j.project_id, j.id, j.algorithm, j.status, j.attempt, j.error, j.callback_url, j.created_at, j.started_at, j.finished_at
  ), numbered as (
    select *, case status when 'succeeded' then 'job.completed' else 'job.' || status end as type,
      row_number() over (order by finished_at) as number
    from queued
  )
  insert into tda.webhook_deliveries (project_id, id, job_id, type, url, host, body)
  select project_id, ($1::text[])[number], id, type, callback_url,
    lower(coalesce(substring(callback_url from '^[A-Za-z]+://([^/?#]*)'), '')),
    json_build_object('type', type, 'timestamp', ${rfc3339("finished_at")}, 'data', json_build_object(
      'job_id', id, 'algorithm', algorithm, 'status', status, 'attempt', attempt, 'error', error ->> 'code',
      'created_at', ${rfc3339("created_at")}, 'started_at', ${rfc3339("started_at")}, 'finished_at', ${rfc3339("finished_at")},
      'result_path', case status when 'succeeded' then '/v1/jobs/' || id || '/result' end))::text
  from numbered`;

/** The time of the next attempt is also the end of the lease of this one. */
const claimText = `with due as (
    select project_id, id, host, next_attempt_at, row_number() over (partition by host order by next_attempt_at) as place from (
      select project_id, id, host, next_attempt_at from tda.webhook_deliveries
      where status = 'pending' and next_attempt_at <= now() and host <> all ($2::text[])
      order by next_attempt_at limit ${window}
    ) first
  ), picked as (
    select d.project_id, d.id from tda.webhook_deliveries d join due using (project_id, id)
    where due.place <= $3 - coalesce((select n from unnest($5::text[], $6::int[]) as own (host, n) where own.host = due.host), 0)
      and d.status = 'pending' and d.next_attempt_at <= now()
    order by d.next_attempt_at limit $1 for update of d skip locked
  )
  update tda.webhook_deliveries d set attempt = d.attempt + 1, last_attempt_at = now(),
    next_attempt_at = now() + make_interval(secs => $4::float8 / 1000)
  from picked where d.project_id = picked.project_id and d.id = picked.id
  returning d.project_id, d.id, d.url, d.host, d.body, d.attempt, d.failures`;

/** $4: status, $5: wait in milliseconds, $6: status of the answer, $7: error, $8: failures to add. */
const settleText = `update tda.webhook_deliveries set
    status = $4, failures = failures + $8, response_status = $6, error = $7,
    next_attempt_at = now() + make_interval(secs => $5::float8 / 1000),
    delivered_at = case $4 when 'delivered' then now() end,
    ended_at = case $4 when 'pending' then null else now() end
  where project_id = $1 and id = $2 and attempt = $3 and status = 'pending'`;

interface DueRow {
  readonly project_id: string;
  readonly id: string;
  readonly url: string;
  readonly host: string;
  readonly body: string;
  readonly attempt: number;
  readonly failures: number;
}

/** Deliveries of all projects, through connections of the system's role. */
export class PostgresDeliveryQueue implements DeliveryQueue {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async queueEndedJobs(limit: number): Promise<number> {
    const ids = Array.from({ length: limit }, () => newId("dlv"));
    const query = { name: "queue-webhooks", text: queueText, values: [ids] };
    return (await asAvailable(() => this.#pool.query(query))).rowCount ?? 0;
  }

  async claim({ limit, perHost, underWay, leaseMs }: ClaimRequest): Promise<readonly DueDelivery[]> {
    const full = [...underWay].filter(([, count]) => count >= perHost).map(([host]) => host);
    const values = [limit, full, perHost, leaseMs, [...underWay.keys()], [...underWay.values()]];
    const query = { name: "claim-webhooks", text: claimText, values };
    const { rows } = await asAvailable(() => this.#pool.query<DueRow>(query));
    return rows.map(({ project_id: projectId, ...rest }) => ({ projectId, ...rest }));
  }

  async settle({ projectId, id, attempt }: DueDelivery, outcome: AttemptOutcome): Promise<boolean> {
    const query = { name: "settle-webhook", text: settleText, values: [projectId, id, attempt, ...settledAs(outcome)] };
    return (await asAvailable(() => this.#pool.query(query))).rowCount === 1;
  }

  async deleteOld(retentionDays: number): Promise<number> {
    let deleted = 0;
    for (;;) {
      const { rowCount } = await asAvailable(() =>
        this.#pool.query(
          `delete from tda.webhook_deliveries where (project_id, id) in (
             select project_id, id from tda.webhook_deliveries where ended_at < now() - make_interval(days => $1) limit $2)`,
          [retentionDays, retentionBatch],
        ),
      );
      deleted += rowCount ?? 0;
      if ((rowCount ?? 0) < retentionBatch) return deleted;
    }
  }
}

/** Status, wait, status of the answer, error, failures to add. */
function settledAs(outcome: AttemptOutcome): [string, number, number | null, string | null, number] {
  switch (outcome.kind) {
    case "delivered":
      return ["delivered", 0, outcome.responseStatus, null, 0];
    case "released":
      return ["pending", 0, null, null, 0];
    case "failed": {
      const { retryAfterMs, responseStatus, error } = outcome;
      return [retryAfterMs === null ? "dead" : "pending", retryAfterMs ?? 0, responseStatus, error, 1];
    }
  }
}
