import type pg from "pg";
import type { UsageAmounts, UsageHour, UsageQuery, UsageStore } from "../../domain/limits/ports.ts";
import { asAvailable } from "./database-errors.ts";
import { inProject } from "./project-transaction.ts";

interface Row {
  readonly hour: Date;
  readonly requests: number;
  readonly computations: number;
  readonly cpu_seconds: number;
  readonly bytes_received: number;
  readonly bytes_sent: number;
}

const rowsAtOnce = 1_000;

const addText = `insert into tda.usage_hours as kept (project_id, hour, requests, computations, cpu_seconds, bytes_received, bytes_sent)
  select project_id, hour, sum(requests), sum(computations), sum(cpu_seconds), sum(bytes_received), sum(bytes_sent)
  from unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::double precision[], $6::bigint[], $7::bigint[])
    as used (project_id, hour, requests, computations, cpu_seconds, bytes_received, bytes_sent)
  group by project_id, hour order by project_id, hour
  on conflict (project_id, hour) do update set
    requests = kept.requests + excluded.requests,
    computations = kept.computations + excluded.computations,
    cpu_seconds = kept.cpu_seconds + excluded.cpu_seconds,
    bytes_received = kept.bytes_received + excluded.bytes_received,
    bytes_sent = kept.bytes_sent + excluded.bytes_sent`;

/** Hourly use by project. Adding works across projects; reading is each project's own. */
export class PostgresUsageStore implements UsageStore {
  readonly #pool: pg.Pool;
  readonly #systemPool: pg.Pool;

  constructor(pool: pg.Pool, systemPool: pg.Pool) {
    this.#pool = pool;
    this.#systemPool = systemPool;
  }

  /** In the order of the keys, so that two instances that add at the same time never wait for each other in a circle. */
  async add(amounts: readonly (UsageAmounts & { readonly projectId: string; readonly hour: Date })[]): Promise<void> {
    for (let at = 0; at < amounts.length; at += rowsAtOnce) {
      const some = amounts.slice(at, at + rowsAtOnce);
      const column = <T>(read: (one: (typeof some)[number]) => T): T[] => some.map(read);
      await asAvailable(() =>
        this.#systemPool.query({
          name: "add-usage",
          text: addText,
          values: [
            column(({ projectId }) => projectId),
            column(({ hour }) => hour),
            column(({ requests }) => requests),
            column(({ computations }) => computations),
            column(({ cpuSeconds }) => cpuSeconds),
            column(({ bytesReceived }) => bytesReceived),
            column(({ bytesSent }) => bytesSent),
          ],
        }),
      );
    }
  }

  async cpuSecondsSince(projectId: string, hour: Date): Promise<number> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<{ seconds: number }>({
        name: "read-cpu-seconds",
        text: "select coalesce(sum(cpu_seconds), 0)::double precision as seconds from tda.usage_hours where project_id = $1 and hour >= $2",
        values: [projectId, hour],
      }),
    );
    return rows[0]?.seconds ?? 0;
  }

  async hours(projectId: string, { from, before, limit }: UsageQuery): Promise<readonly UsageHour[]> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<Row>({
        name: "read-usage",
        text: `select hour, requests, computations, cpu_seconds, bytes_received, bytes_sent from tda.usage_hours
          where project_id = $1 and ($2::timestamptz is null or hour >= $2) and ($3::timestamptz is null or hour < $3)
          order by hour desc limit $4`,
        values: [projectId, from, before, limit],
      }),
    );
    return rows.map((row) => ({
      hour: row.hour,
      requests: row.requests,
      computations: row.computations,
      cpuSeconds: row.cpu_seconds,
      bytesReceived: row.bytes_received,
      bytesSent: row.bytes_sent,
    }));
  }
}
