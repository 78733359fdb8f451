import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { StartError } from "../../../internal/start-error.ts";
import type { WrittenPart } from "../../backup/backup-writer.ts";
import type { GoneBlob, Manifest, TablePart } from "../../backup/manifest.ts";
import { valueTypes } from "../connection-pool.ts";
import { loadableTables, partitions, requireOwner, sequences } from "./catalogue.ts";

/** Keeps a part of the backup. */
export type WritePart = (file: string, content: AsyncIterable<Uint8Array>) => Promise<WrittenPart>;

/** An object that the tables name. */
export interface NamedBlob extends GoneBlob {
  readonly bytes: number;
  readonly masterKeyId: string;
  readonly wrappedKey: Buffer;
}

export type DumpedDatabase = Pick<
  Manifest,
  "schemaVersion" | "postgresVersion" | "tables" | "partitions" | "sequences" | "masterKeyIds"
>;

/**
 * Writes every table as of one moment, in the text form of COPY: one read-only transaction sees one snapshot, while the server
 * goes on. `withBlobs` is called within it, with the objects that this moment names.
 * @throws StartError when there is no database of ours, or the login does not own it.
 */
export async function dumpDatabase(
  connection: pg.ClientConfig,
  write: WritePart,
  withBlobs: (blobs: AsyncIterable<NamedBlob>) => Promise<void>,
): Promise<DumpedDatabase> {
  const client = await connectOwner(connection);
  try {
    await client.query("begin isolation level repeatable read read only");
    const { rows } = await client.query<{ any: boolean; postgres: string }>(
      "select to_regclass('tda.schema_history') is not null as any, current_setting('server_version') as postgres",
    );
    if (rows[0]?.any !== true) throw new StartError("There is nothing to back up: the database has no tables of ours.");
    await requireOwner(client);
    const { rows: history } = await client.query<{ version: number }>(
      "select max(version)::int as version from tda.schema_history",
    );
    const shapes = await loadableTables(client);
    const tables: TablePart[] = [];
    for (const { name, columns } of shapes) {
      const text = `copy (select ${columns.map(pg.escapeIdentifier).join(", ")} from tda.${name}) to stdout`;
      const { lines, ...part } = await write(`tables/${name}.copy`, client.query(copyTo(text)));
      tables.push({ ...part, table: name, columns, rows: lines });
    }
    const hasBlobs = shapes.some(({ name }) => name === "blobs");
    const sealed = shapes.filter(({ columns }) => columns.includes("master_key_id")).map(({ name }) => name);
    const dumped: DumpedDatabase = {
      schemaVersion: history[0]?.version ?? 0,
      postgresVersion: rows[0].postgres,
      tables,
      partitions: await partitions(client),
      sequences: await sequences(client),
      masterKeyIds: await masterKeysOf(client, sealed),
    };
    await withBlobs(hasBlobs ? namedBlobs(client) : none());
    await client.query("commit");
    return dumped;
  } finally {
    await client.end();
  }
}

export async function connectOwner(connection: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, application_name: "tda-backup", types: valueTypes });
  client.on("error", () => undefined);
  await client.connect();
  await client.query(
    "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '30s'",
  );
  return client;
}

async function masterKeysOf(client: pg.Client, tables: readonly string[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const table of tables) {
    const { rows } = await client.query<{ id: string }>(
      `select distinct master_key_id as id from tda.${table} where master_key_id is not null`,
    );
    for (const { id } of rows) ids.add(id);
  }
  return [...ids].sort();
}

const blobBatch = 1_000;

async function* namedBlobs(client: pg.Client): AsyncGenerator<NamedBlob> {
  await client.query(
    `declare named no scroll cursor for select project_id, id, bytes, master_key_id, wrapped_key from tda.blobs
     where state = 'kept' order by project_id, id`,
  );
  for (;;) {
    const { rows } = await client.query<{
      project_id: string;
      id: string;
      bytes: number;
      master_key_id: string;
      wrapped_key: Buffer;
    }>(`fetch ${blobBatch} from named`);
    if (rows.length === 0) return;
    for (const row of rows) {
      const { id, bytes } = row;
      yield { projectId: row.project_id, id, bytes, masterKeyId: row.master_key_id, wrappedKey: row.wrapped_key };
    }
  }
}

async function* none(): AsyncGenerator<never> {}

/** Whether an object is still wanted, now. */
export async function isBlobKept(connection: pg.ClientConfig, { projectId, id }: GoneBlob): Promise<boolean> {
  const client = await connectOwner(connection);
  try {
    const text = "select from tda.blobs where project_id = $1 and id = $2 and state = 'kept'";
    return (await client.query(text, [projectId, id])).rowCount === 1;
  } finally {
    await client.end();
  }
}
