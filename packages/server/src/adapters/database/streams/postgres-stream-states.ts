import type pg from "pg";
import type { ValueSealer } from "../../../domain/ports.ts";
import {
  type Checkpoint,
  type DueKey,
  type KeyName,
  PositionMoved,
  type SavedKey,
  type StreamStates,
} from "../../../domain/streams/runner/ports.ts";
import { asAvailable } from "../database-errors.ts";
import { requireLeases } from "../log/lease-fence.ts";
import { transaction } from "../project-transaction.ts";
import { streamStateContext } from "../sealed-contexts.ts";

const columns =
  "stream_id, key, project_id, version, last_seq, state, is_waiting, (extract(epoch from flush_at) * 1000)::float8 as flush_at_ms, forgets";

const loadText = `select ${columns} from tda.stream_states s
  where log = $1 and partition = $2 and (stream_id, key) in (select * from unnest($3::text[], $4::text[]))`;

const waitingText = `select ${columns} from tda.stream_states where log = $1 and partition = $2 and is_waiting`;

const dueText = `select partition, stream_id, key, project_id, version, last_seq, forgets from tda.stream_states
  where log = $1 and partition = any($2::int[]) and flush_at <= to_timestamp($3::float8 / 1000) order by flush_at limit $4`;

const beginText = `insert into tda.stream_positions (log, partition, next_offset) values ($1, $2, $3) on conflict do nothing`;
const moveText = `update tda.stream_positions set next_offset = $3, updated_at = now()
  where log = $1 and partition = $2 and next_offset = $4`;

/** The states come as one, with their ends: as an array of their own each would be sent as text. */
const saveText = `insert into tda.stream_states as s
    (log, partition, stream_id, key, project_id, version, last_seq, state, master_key_id, is_waiting, flush_at, forgets)
  select $1, $2, stream_id, key, project_id, version, last_seq, substring($3::bytea from start for size), $4, is_waiting,
    to_timestamp(flush_at_ms / 1000), forgets
  from unnest($5::text[], $6::text[], $7::text[], $8::int[], $9::bigint[], $10::int[], $11::int[], $12::boolean[], $13::float8[], $14::boolean[])
    as given (stream_id, key, project_id, version, last_seq, start, size, is_waiting, flush_at_ms, forgets)
  on conflict (log, partition, stream_id, key) do update set project_id = excluded.project_id, version = excluded.version,
    last_seq = excluded.last_seq, state = excluded.state, master_key_id = excluded.master_key_id, is_waiting = excluded.is_waiting,
    flush_at = excluded.flush_at, forgets = excluded.forgets`;

const endText = `delete from tda.stream_states
  where log = $1 and partition = $2 and (stream_id, key) in (select * from unnest($3::text[], $4::text[]))`;

const deleteText = "delete from tda.stream_states where log = $1 and partition = $2 and stream_id = any($3::text[])";

interface StateRow {
  readonly stream_id: string;
  readonly key: string;
  readonly project_id: string;
  readonly version: number;
  readonly last_seq: number;
  readonly state: Buffer;
  readonly is_waiting: boolean;
  readonly flush_at_ms: number | null;
  readonly forgets: boolean;
}
type DueRow = Pick<StateRow, "stream_id" | "key" | "project_id" | "version" | "last_seq" | "forgets"> & {
  readonly partition: number;
};

/** States of keys of one log, sealed, through connections of the system's role. */
export class PostgresStreamStates implements StreamStates {
  readonly #pool: pg.Pool;
  readonly #sealer: ValueSealer;
  readonly #log: string;

  constructor(pool: pg.Pool, sealer: ValueSealer, log: string) {
    this.#pool = pool;
    this.#sealer = sealer;
    this.#log = log;
  }

  async position(partition: number): Promise<number | null> {
    const text = "select next_offset from tda.stream_positions where log = $1 and partition = $2";
    const { rows } = await asAvailable(() => this.#pool.query<{ next_offset: number }>(text, [this.#log, partition]));
    return rows[0]?.next_offset ?? null;
  }

  async load(partition: number, keys: readonly KeyName[]): Promise<readonly SavedKey[]> {
    const values = [this.#log, partition, keys.map(({ streamId }) => streamId), keys.map(({ key }) => key)];
    const { rows } = await asAvailable(() =>
      this.#pool.query<StateRow>({ name: "stream-states-load", text: loadText, values }),
    );
    return rows.map((row) => this.#open(partition, row));
  }

  async waiting(partition: number): Promise<readonly SavedKey[]> {
    const { rows } = await asAvailable(() => this.#pool.query<StateRow>(waitingText, [this.#log, partition]));
    return rows.map((row) => this.#open(partition, row));
  }

  async due(partitions: readonly number[], atMs: number, limit: number): Promise<readonly DueKey[]> {
    const values = [this.#log, partitions, atMs, limit];
    const { rows } = await asAvailable(() =>
      this.#pool.query<DueRow>({ name: "stream-states-due", text: dueText, values }),
    );
    return rows.map((row) => ({
      partition: row.partition,
      streamId: row.stream_id,
      key: row.key,
      projectId: row.project_id,
      version: row.version,
      lastSeq: row.last_seq,
      forgets: row.forgets,
    }));
  }

  async commit({ lease, expected, next, saved, ended }: Checkpoint): Promise<void> {
    const place = [this.#log, lease.partition];
    await transaction(this.#pool, async (client) => {
      await requireLeases(client, [lease]);
      const moved =
        expected === null
          ? await client.query(beginText, [...place, next])
          : await client.query({ name: "stream-move", text: moveText, values: [...place, next, expected] });
      if (moved.rowCount !== 1) {
        throw new PositionMoved(`Another process has gone on with partition ${lease.partition} from ${expected}.`);
      }
      if (saved.length > 0) await this.#save(client, lease.partition, saved);
      if (ended.length === 0) return;
      await client.query(endText, [...place, ended.map(({ streamId }) => streamId), ended.map(({ key }) => key)]);
    });
  }

  async deleteStreams(partition: number, streamIds: readonly string[]): Promise<void> {
    if (streamIds.length === 0) return;
    await asAvailable(() => this.#pool.query(deleteText, [this.#log, partition, streamIds]));
  }

  async #save(client: pg.ClientBase, partition: number, keys: readonly SavedKey[]): Promise<void> {
    const sealed = keys.map((key) => this.#sealer.seal(this.#context(partition, key), key.state));
    let end = 1;
    const starts = sealed.map(({ length }) => {
      const start = end;
      end += length;
      return start;
    });
    await client.query({
      name: "stream-states-save",
      text: saveText,
      values: [
        this.#log,
        partition,
        Buffer.concat(sealed),
        this.#sealer.masterKeyId,
        keys.map(({ streamId }) => streamId),
        keys.map(({ key }) => key),
        keys.map(({ projectId }) => projectId),
        keys.map(({ version }) => version),
        keys.map(({ lastSeq }) => lastSeq),
        starts,
        sealed.map(({ length }) => length),
        keys.map(({ isWaiting }) => isWaiting),
        keys.map(({ flushAtMs }) => flushAtMs),
        keys.map(({ forgets }) => forgets),
      ],
    });
  }

  #open(partition: number, row: StateRow): SavedKey {
    const name = { streamId: row.stream_id, key: row.key };
    return {
      ...name,
      projectId: row.project_id,
      version: row.version,
      lastSeq: row.last_seq,
      state: this.#sealer.open(this.#context(partition, name), row.state),
      isWaiting: row.is_waiting,
      flushAtMs: row.flush_at_ms,
      forgets: row.forgets,
    };
  }

  #context(partition: number, { streamId, key }: KeyName): string {
    return streamStateContext(this.#log, partition, streamId, key);
  }
}
