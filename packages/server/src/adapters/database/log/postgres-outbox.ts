import type pg from "pg";
import type { Outbox, OutboxBacklog, OutboxRow } from "../../../domain/log/outbox.ts";
import type { PartitionLease } from "../../../domain/log/partition-leases.ts";
import { asAvailable } from "../database-errors.ts";
import type { DatabaseListener } from "../database-listener.ts";
import { CHANNELS } from "../jobs/job-events.ts";
import { transaction } from "../project-transaction.ts";
import { STREAM_CHANNELS } from "../streams/stream-outbox.ts";
import { requireLeases } from "./lease-fence.ts";

/** What tells of something tells of its rows. Those of computations wait for the relay's next look. */
const TELLING = [CHANNELS.events, STREAM_CHANNELS.changed];
/** Versions of an aggregate in one batch. */
const versionsAtOnce = 64;

/**
 * What is unmarked, oldest first in each lane; then of each aggregate found all from its lowest version on, since a later version may
 * have been written by a transaction that began earlier.
 */
const unpublishedText = `with found as (
    select distinct aggregate.project_id, aggregate.aggregate_id from unnest($1::smallint[]) as given (lane) cross join lateral (
      select project_id, aggregate_id from tda.outbox o where o.published_at is null and o.lane = given.lane order by o.created_at limit $2
    ) aggregate
  )
  select row.* from found cross join lateral (
    select project_id, topic, aggregate_id, version, lane, type, payload, created_at, traceparent from tda.outbox o
    where o.project_id = found.project_id and o.aggregate_id = found.aggregate_id and o.published_at is null
    order by o.version limit ${versionsAtOnce}
  ) row order by row.project_id, row.aggregate_id, row.version`;

const markText = `update tda.outbox o set published_at = now()
  from unnest($1::text[], $2::text[], $3::int[]) as given (project_id, aggregate_id, version)
  where o.project_id = given.project_id and o.aggregate_id = given.aggregate_id and o.version = given.version and o.published_at is null`;

const backlogText = `select count(*)::int as rows, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as seconds
  from tda.outbox where published_at is null`;

interface Row {
  readonly project_id: string;
  readonly topic: string;
  readonly aggregate_id: string;
  readonly version: number;
  readonly lane: number;
  readonly type: string;
  readonly payload: unknown;
  readonly created_at: Date;
  readonly traceparent: string | null;
}

/** The outbox of all projects, through connections of the system's role. */
export class PostgresOutbox implements Outbox {
  readonly #pool: pg.Pool;
  readonly #listener: Pick<DatabaseListener, "on">;

  constructor(pool: pg.Pool, listener: Pick<DatabaseListener, "on">) {
    this.#pool = pool;
    this.#listener = listener;
  }

  async unpublished(lanes: readonly number[], perLane: number): Promise<readonly OutboxRow[]> {
    const { rows } = await asAvailable(() =>
      this.#pool.query<Row>({ name: "outbox-unpublished", text: unpublishedText, values: [lanes, perLane] }),
    );
    return rows.map((row) => ({
      projectId: row.project_id,
      topic: row.topic,
      aggregateId: row.aggregate_id,
      version: row.version,
      lane: row.lane,
      type: row.type,
      payload: row.payload,
      createdAt: row.created_at,
      traceparent: row.traceparent,
    }));
  }

  async mark(rows: readonly OutboxRow[], leases: readonly PartitionLease[]): Promise<void> {
    await transaction(this.#pool, async (client) => {
      await requireLeases(client, leases);
      await client.query({
        name: "outbox-mark",
        text: markText,
        values: [
          rows.map(({ projectId }) => projectId),
          rows.map(({ aggregateId }) => aggregateId),
          rows.map(({ version }) => version),
        ],
      });
    });
  }

  async backlog(): Promise<OutboxBacklog> {
    const { rows } = await asAvailable(() => this.#pool.query<{ rows: number; seconds: number }>(backlogText));
    return { rows: rows[0]!.rows, oldestSeconds: rows[0]!.seconds };
  }

  onWritten(listener: () => void): () => void {
    const stops = TELLING.map((channel) => this.#listener.on(channel, () => listener()));
    return () => {
      for (const stop of stops) stop();
    };
  }
}
