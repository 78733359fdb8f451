import type { RejectionReason } from "@tda-platform/contract/events/stream-rejection";
import type pg from "pg";
import type { ValueSealer } from "../../../domain/ports.ts";
import type { RejectedPoint, StoredResult } from "../../../domain/streams/stream.ts";
import type { PageOf, ResultQuery, StreamResultStore } from "../../../domain/streams/stream-store.ts";
import { inProject } from "../project-transaction.ts";
import { rejectedContext, streamResultContext } from "../sealed-contexts.ts";

interface ResultRow {
  readonly definition_version: number;
  readonly key: string;
  readonly window_seq: number;
  readonly revision: number;
  readonly opened_at: number;
  readonly id: string;
  readonly position: number;
  readonly window_start: number;
  readonly body: Buffer;
}

interface RejectedRow {
  readonly id: string;
  readonly key: string;
  readonly origin: string;
  readonly reason: RejectionReason;
  readonly code: string;
  readonly t: number | null;
  readonly received_at: Date;
  readonly redriven_at: Date | null;
  readonly body: Buffer;
}

const resultColumns = "definition_version, key, window_seq, revision, opened_at, id, position, window_start, body";
const rejectedColumns = "id, key, origin, reason, code, t, received_at, redriven_at, body";

/** Of each window its last revision, unless every one is asked for: a later one is found by the primary key. */
const listResults = `select ${resultColumns} from tda.stream_results r
  where project_id = $1 and stream_id = $2 and ($3::bigint is null or (window_start, id) < ($3, $4))
    and ($5::text is null or key = $5) and ($6::bigint is null or window_start >= $6) and ($7::bigint is null or window_start < $7)
    and ($8::int is null or definition_version = $8)
    and ($9 or (superseded_by is null and not exists (
      select from tda.stream_results later where later.project_id = r.project_id and later.stream_id = r.stream_id
        and later.definition_version = r.definition_version and later.key = r.key and later.window_seq = r.window_seq
        and later.opened_at = r.opened_at
        and later.revision > r.revision)))
  order by window_start desc, id desc limit $10`;

const resultsAfter = `select ${resultColumns} from tda.stream_results
  where project_id = $1 and stream_id = $2 and position > $3 order by position limit $4`;

const listRejected = `select ${rejectedColumns} from tda.stream_rejected
  where project_id = $1 and stream_id = $2 and ($3::text is null or id < $3) and ($4::text is null or key = $4)
    and ($5::text is null or reason = $5)
  order by id desc limit $6`;

const redrivable = `select ${rejectedColumns} from tda.stream_rejected
  where project_id = $1 and stream_id = $2 and ($3::text[] is null or id = any($3)) and ($4::text is null or reason = $4)
    and redriven_at is null and t is not null and origin not like 'window:%'
  order by id limit $5`;

/** Results and rejected points of a project's streams, opened as they are read. */
export class PostgresStreamResults implements StreamResultStore {
  readonly #pool: pg.Pool;
  readonly #sealer: ValueSealer;

  constructor(pool: pg.Pool, sealer: ValueSealer) {
    this.#pool = pool;
    this.#sealer = sealer;
  }

  async list(projectId: string, streamId: string, query: ResultQuery): Promise<readonly StoredResult[]> {
    const { before, key, from, to, version, isEveryRevision, limit } = query;
    const place = [before?.windowStart ?? null, before?.id ?? null];
    const values = [projectId, streamId, ...place, key, from, to, version, isEveryRevision, limit + 1];
    return await this.#results(projectId, streamId, "list-stream-results", listResults, values);
  }

  async after(projectId: string, streamId: string, position: number, limit: number): Promise<readonly StoredResult[]> {
    const values = [projectId, streamId, position, limit];
    return await this.#results(projectId, streamId, "stream-results-after", resultsAfter, values);
  }

  async lastPosition(projectId: string, streamId: string): Promise<number | null> {
    const text = "select result_position from tda.streams where project_id = $1 and id = $2 and status <> 'deleted'";
    const rows = await this.#query<{ result_position: number }>(projectId, "stream-position", text, [
      projectId,
      streamId,
    ]);
    return rows[0]?.result_position ?? null;
  }

  async rejected(
    projectId: string,
    streamId: string,
    { limit, before, key, reason }: PageOf & { readonly key: string | null; readonly reason: RejectionReason | null },
  ): Promise<readonly RejectedPoint[]> {
    const values = [projectId, streamId, before, key, reason, limit + 1];
    const rows = await this.#query<RejectedRow>(projectId, "list-stream-rejected", listRejected, values);
    return rows.map((row) => this.#rejectedPoint(projectId, streamId, row));
  }

  async redrivable(
    projectId: string,
    streamId: string,
    { ids, reason }: { readonly ids: readonly string[] | null; readonly reason: RejectionReason | null },
    limit: number,
  ): Promise<readonly RejectedPoint[]> {
    const values = [projectId, streamId, ids, reason, limit];
    const rows = await this.#query<RejectedRow>(projectId, "redrivable-points", redrivable, values);
    return rows.map((row) => this.#rejectedPoint(projectId, streamId, row));
  }

  async markRedriven(projectId: string, streamId: string, ids: readonly string[]): Promise<void> {
    const text = `update tda.stream_rejected set redriven_at = now()
      where project_id = $1 and stream_id = $2 and id = any($3)`;
    await this.#query(projectId, "mark-redriven", text, [projectId, streamId, ids]);
  }

  async #results(
    projectId: string,
    streamId: string,
    name: string,
    text: string,
    values: unknown[],
  ): Promise<readonly StoredResult[]> {
    const rows = await this.#query<ResultRow>(projectId, name, text, values);
    return rows.map((row) => {
      const place = { projectId, streamId, ...namesOf(row) };
      const body = Buffer.from(this.#sealer.open(streamResultContext(place), row.body)).toString();
      return { position: row.position, id: row.id, windowStart: row.window_start, body };
    });
  }

  #rejectedPoint(projectId: string, streamId: string, row: RejectedRow): RejectedPoint {
    const { id, key, origin, reason, code, t, received_at: receivedAt, redriven_at: redrivenAt } = row;
    const body = this.#sealer.open(rejectedContext({ projectId, streamId, key, origin }), row.body);
    const { detail, v } = JSON.parse(Buffer.from(body).toString()) as { detail: string; v: number[] | null };
    return { id, key, origin, reason, code, t, receivedAt, redrivenAt, detail, v };
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

function namesOf({
  definition_version: version,
  key,
  window_seq: windowSeq,
  revision,
  opened_at: openedAt,
}: ResultRow) {
  return { version, key, windowSeq, revision, openedAt };
}
