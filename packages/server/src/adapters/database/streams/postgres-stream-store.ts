import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEventType, StreamSettings, StreamStatus } from "@tda-platform/contract/streams";
import type pg from "pg";
import type { NewStream, StreamChange, StreamRecord } from "../../../domain/streams/stream.ts";
import type { PageOf, StreamStore } from "../../../domain/streams/stream-store.ts";
import { inProject } from "../project-transaction.ts";
import { INSERT_STREAM_EVENT, STREAM_CHANNELS } from "./stream-outbox.ts";

interface StreamRow {
  readonly id: string;
  readonly project_id: string;
  readonly status: StreamStatus;
  readonly version: number;
  readonly definition_version: number;
  readonly settings: StreamSettings;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const columns = "id, project_id, status, version, definition_version, settings, created_at, updated_at";
const isThere = "project_id = $1 and id = $2 and status <> 'deleted'";

const createStream = `insert into tda.streams (project_id, id, settings)
  select $1, $2, $3 where $4 = 0 or $4 > (select count(*) from tda.streams where project_id = $1 and status <> 'deleted')
  on conflict (project_id, id) do nothing returning ${columns}`;

const insertDefinition =
  "insert into tda.stream_definitions (project_id, stream_id, version, definition) values ($1, $2, $3, $4)";

const listStreams = `select ${columns} from tda.streams
  where project_id = $1 and status <> 'deleted' and ($2::text is null or id < $2) order by id desc limit $3`;

const changeStream = `update tda.streams set settings = $3, definition_version = $4, version = version + $5, updated_at = now()
  where project_id = $1 and id = $2 returning ${columns}`;

/** Keys that are there are marked as used; others are inserted if they all fit. One row is locked first, so that counts hold. */
const lockStream = `select key_count from tda.streams where ${isThere} for update`;
const markKeys = `update tda.stream_keys set seen_at = now()
  where project_id = $1 and stream_id = $2 and key = any($3) returning key`;
const insertKeys = `with made as (
    insert into tda.stream_keys (project_id, stream_id, key) select $1, $2, unnest($3::text[]) on conflict do nothing returning 1
  )
  update tda.streams set key_count = key_count + (select count(*) from made) where project_id = $1 and id = $2`;

/** The streams of a project: each statement sees that project alone. */
export class PostgresStreamStore implements StreamStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async create({ id, projectId, settings, definition }: NewStream, limit: number): Promise<StreamRecord | null> {
    const made = await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<StreamRow>(createStream, [projectId, id, JSON.stringify(settings), limit]);
      const row = rows[0];
      if (row === undefined) return null;
      await client.query(insertDefinition, [projectId, id, definition.version, JSON.stringify(definition)]);
      await tell(client, row, "stream.created", definition);
      return streamRecord(row);
    });
    // An earlier attempt of the same request may have stored it.
    return made ?? (await this.find(projectId, id));
  }

  async find(projectId: string, id: string): Promise<StreamRecord | null> {
    const text = `select ${columns} from tda.streams where ${isThere}`;
    const query = { name: "find-stream", text, values: [projectId, id] };
    const { rows } = await inProject(this.#pool, projectId, (client) => client.query<StreamRow>(query));
    return rows[0] === undefined ? null : streamRecord(rows[0]);
  }

  async list(projectId: string, { limit, before }: PageOf): Promise<readonly StreamRecord[]> {
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<StreamRow>(listStreams, [projectId, before, limit + 1]),
    );
    return rows.map(streamRecord);
  }

  async change(
    projectId: string,
    id: string,
    changed: (present: StreamRecord) => StreamChange,
  ): Promise<StreamRecord | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const text = `select ${columns} from tda.streams where ${isThere} for update`;
      const { rows } = await client.query<StreamRow>(text, [projectId, id]);
      if (rows[0] === undefined) return null;
      const present = streamRecord(rows[0]);
      const { settings, definition } = changed(present);
      const version = definition?.version ?? present.version;
      const values = [projectId, id, JSON.stringify(settings), version, definition === null ? 0 : 1];
      const row = (await client.query<StreamRow>(changeStream, values)).rows[0]!;
      if (definition !== null) {
        if (version !== present.version) {
          await client.query(insertDefinition, [projectId, id, version, JSON.stringify(definition)]);
        }
        await tell(client, row, "stream.changed", definition);
      }
      await notifyChanged(client, id);
      return streamRecord(row);
    });
  }

  async setStatus(projectId: string, id: string, status: StreamStatus): Promise<StreamRecord | null> {
    return await inProject(this.#pool, projectId, async (client) => {
      const text = `update tda.streams set status = $3, updated_at = case status when $3 then updated_at else now() end
        where ${isThere} returning ${columns}`;
      const { rows } = await client.query<StreamRow>(text, [projectId, id, status]);
      if (rows[0] === undefined) return null;
      await notifyChanged(client, id);
      return streamRecord(rows[0]);
    });
  }

  async remove(projectId: string, id: string): Promise<boolean> {
    return await inProject(this.#pool, projectId, async (client) => {
      const text = `update tda.streams set status = 'deleted', version = version + 1, updated_at = now()
        where ${isThere} returning ${columns}`;
      const { rows } = await client.query<StreamRow>(text, [projectId, id]);
      const row = rows[0];
      if (row === undefined) return false;
      const { rows: definitions } = await client.query<{ definition: StreamDefinition }>(
        "select definition from tda.stream_definitions where project_id = $1 and stream_id = $2 and version = $3",
        [projectId, id, row.definition_version],
      );
      await tell(client, row, "stream.deleted", definitions[0]!.definition);
      await notifyChanged(client, id);
      return true;
    });
  }

  async addKeys(projectId: string, id: string, keys: readonly string[], limit: number): Promise<boolean> {
    return await inProject(this.#pool, projectId, async (client) => {
      const { rows } = await client.query<{ key_count: number }>(lockStream, [projectId, id]);
      if (rows[0] === undefined) return true;
      const { rows: marked } = await client.query<{ key: string }>(markKeys, [projectId, id, keys]);
      const known = new Set(marked.map(({ key }) => key));
      const added = keys.filter((key) => !known.has(key));
      if (added.length === 0) return true;
      if (rows[0].key_count + added.length > limit) return false;
      await client.query(insertKeys, [projectId, id, added]);
      return true;
    });
  }

  async keys(projectId: string, id: string, after: string | null, limit: number): Promise<readonly string[]> {
    const text = `select key from tda.stream_keys where project_id = $1 and stream_id = $2 and ($3::text is null or key > $3)
      order by key limit $4`;
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<{ key: string }>(text, [projectId, id, after, limit]),
    );
    return rows.map(({ key }) => key);
  }
}

async function tell(
  client: pg.PoolClient,
  { project_id, id, version }: StreamRow,
  type: StreamEventType,
  definition: StreamDefinition,
): Promise<void> {
  await client.query(INSERT_STREAM_EVENT, [project_id, id, version, type, JSON.stringify(definition)]);
}

async function notifyChanged(client: pg.PoolClient, id: string): Promise<void> {
  await client.query(`select pg_notify('${STREAM_CHANNELS.changed}', $1)`, [id]);
}

function streamRecord(row: StreamRow): StreamRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    status: row.status,
    version: row.definition_version,
    settings: row.settings,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
