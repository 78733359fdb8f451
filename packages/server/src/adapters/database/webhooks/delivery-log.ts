import type {
  Delivery,
  DeliveryError,
  DeliveryListQuery,
  DeliveryStatus,
  WebhookType,
} from "@tda-platform/contract/webhooks";
import type pg from "pg";
import type { DeliveryLog } from "../../../domain/webhooks/delivery-queue.ts";
import { inProject } from "../project-transaction.ts";

interface DeliveryRow {
  readonly id: string;
  readonly type: WebhookType;
  readonly job_id: string | null;
  readonly stream_id: string | null;
  readonly url: string;
  readonly status: DeliveryStatus;
  readonly attempt: number;
  readonly response_status: number | null;
  readonly error: DeliveryError | null;
  readonly created_at: Date;
  readonly last_attempt_at: Date | null;
  readonly next_attempt_at: Date;
  readonly delivered_at: Date | null;
}

const columns =
  "id, type, job_id, stream_id, url, status, attempt, response_status, error, created_at, last_attempt_at, next_attempt_at, delivered_at";

const listText = `select ${columns} from tda.webhook_deliveries
  where project_id = $1 and ($2::text is null or id < $2) and ($3::text is null or status = $3) and ($4::text is null or job_id = $4)
    and ($5::text is null or stream_id = $5)
  order by id desc limit $6`;

const redriveText = `update tda.webhook_deliveries set status = 'pending', failures = 0, next_attempt_at = now(), delivered_at = null,
    ended_at = null
  where project_id = $1 and id = $2 returning ${columns}`;

/** A project's deliveries, for its callers. */
export class PostgresDeliveryLog implements DeliveryLog {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async list(
    projectId: string,
    { limit, before }: { readonly limit: number; readonly before: string | null },
    { status, job_id, stream_id }: Pick<DeliveryListQuery, "status" | "job_id" | "stream_id">,
  ): Promise<readonly Delivery[]> {
    const values = [projectId, before, status ?? null, job_id ?? null, stream_id ?? null, limit];
    const { rows } = await inProject(this.#pool, projectId, (client) => client.query<DeliveryRow>(listText, values));
    return rows.map(deliveryOf);
  }

  async redrive(projectId: string, id: string): Promise<Delivery | null> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<DeliveryRow>(redriveText, [projectId, id]),
    );
    return rows[0] === undefined ? null : deliveryOf(rows[0]);
  }
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    type: row.type,
    job_id: row.job_id,
    stream_id: row.stream_id,
    url: row.url,
    status: row.status,
    attempts: row.attempt,
    response_status: row.response_status,
    error: row.error,
    created_at: row.created_at.toISOString(),
    last_attempt_at: row.last_attempt_at?.toISOString() ?? null,
    next_attempt_at: row.status === "pending" ? row.next_attempt_at.toISOString() : null,
    delivered_at: row.delivered_at?.toISOString() ?? null,
  };
}
