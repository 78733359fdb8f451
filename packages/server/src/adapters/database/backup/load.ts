import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Logger } from "../../../internal/logger.ts";
import { StartError } from "../../../internal/start-error.ts";
import { BackupDamaged, type GoneBlob, type Manifest, type TablePart } from "../../backup/manifest.ts";
import { ensureRole } from "../application-role.ts";
import { inTransaction, migrate, withStartLock } from "../migrate.ts";
import { migrations } from "../migrations/all.ts";
import { SYSTEM_ROLE } from "../tenancy.ts";
import { loadableTables, partitions } from "./catalogue.ts";
import { connectOwner } from "./dump.ts";

export interface LoadOptions {
  readonly manifest: Manifest;
  readonly read: (part: TablePart) => AsyncIterable<Uint8Array>;
  /** The role of the server's connections; null: the owner's login is also theirs. */
  readonly applicationRole: string | null;
  /** What else is restored, when the target is known to be empty and before anything of the database is visible. */
  readonly beforeTables: () => Promise<void>;
  readonly logger: Logger;
}

/**
 * Loads a backup into a database that no server has used: the schema as of the backup, all rows in one transaction, then the
 * migrations that came since. A failure leaves no row, and the same can be tried again. Returns the schema's version.
 * @throws StartError when the target is not empty, or the backup is of a newer release.
 */
export async function loadDatabase(connection: pg.ClientConfig, options: LoadOptions): Promise<number> {
  const { manifest, logger } = options;
  const newest = migrations.at(-1)!.version;
  if (manifest.schemaVersion > newest) {
    throw new StartError(
      `The backup has schema version ${manifest.schemaVersion} of a newer release, and this one knows ${newest}: use the newer release.`,
    );
  }
  const client = await connectOwner(connection);
  try {
    return await withStartLock(client, logger, async () => {
      await refuseUsed(client);
      await options.beforeTables();
      const role = options.applicationRole ?? (await currentUser(client));
      await ensureRole(client, SYSTEM_ROLE, role);
      const steps = migrations.filter(({ version }) => version <= manifest.schemaVersion);
      await migrate(client, logger, steps);
      await inTransaction(client, () => loadTables(client, options));
      return await migrate(client, logger);
    });
  } finally {
    await client.end();
  }
}

/** A server that has started has made a project. */
async function refuseUsed(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ any: boolean }>("select to_regclass('tda.projects') is not null as any");
  if (rows[0]?.any !== true) return;
  if ((await client.query("select from tda.projects limit 1")).rowCount === 0) return;
  throw new StartError("The database is in use already: a backup is restored into an empty one only.");
}

async function currentUser(client: pg.Client): Promise<string> {
  return (await client.query<{ name: string }>("select current_user as name")).rows[0]!.name;
}

async function loadTables(client: pg.Client, { manifest, read }: LoadOptions): Promise<void> {
  await makePartitions(client, manifest);
  const known = new Map((await loadableTables(client)).map((table) => [table.name, table]));
  // What the migrations put into tables is in the backup as well, in its present state.
  for (const { table } of [...manifest.tables].reverse()) {
    if (!known.has(table))
      throw new BackupDamaged(`tables/${table}.copy`, "is of a table that its release does not have");
    await client.query(`alter table tda.${table} no force row level security, disable trigger user`);
    await client.query(`delete from tda.${table}`);
  }
  for (const part of manifest.tables) await loadTable(client, part, read(part));
  for (const gone of manifest.blobs.gone) await dropGone(client, gone);
  for (const { name, value } of manifest.sequences) {
    await client.query("select setval(('tda.' || quote_ident($1))::regclass, $2::bigint)", [name, value]);
  }
  for (const { table } of manifest.tables) {
    const forced = await client.query("select from pg_class where oid = ('tda.' || $1)::regclass and relrowsecurity", [
      table,
    ]);
    await client.query(`alter table tda.${table} enable trigger user`);
    if (forced.rowCount === 1) await client.query(`alter table tda.${table} force row level security`);
  }
}

/** What was deleted while the backup was made, with what named it. */
async function dropGone(client: pg.Client, { projectId, id }: GoneBlob): Promise<void> {
  const values = [projectId, id];
  await client.query("delete from tda.blobs where project_id = $1 and id = $2", values);
  await client.query("delete from tda.datasets where project_id = $1 and blob_id = $2", values);
  await client.query(
    `delete from tda.uploads where project_id = $1 and id in (
       select upload_id from tda.upload_parts where project_id = $1 and blob_id = $2)`,
    values,
  );
  await client.query("delete from tda.upload_parts where project_id = $1 and blob_id = $2", values);
}

/** COPY does not go through row-level security, so the owner's own is lifted for the transaction, which nobody else sees. */
async function loadTable(client: pg.Client, part: TablePart, content: AsyncIterable<Uint8Array>): Promise<void> {
  const columns = part.columns.map(pg.escapeIdentifier).join(", ");
  const target = client.query(copyFrom(`copy tda.${part.table} (${columns}) from stdin`));
  await pipeline(Readable.from(content, { objectMode: false }), target);
  if (target.rowCount !== part.rows) {
    throw new BackupDamaged(part.file, `gave ${target.rowCount} rows instead of ${part.rows}`);
  }
}

/** Those of the migrations are there; those that were made in operation are made anew. */
async function makePartitions(client: pg.Client, manifest: Manifest): Promise<void> {
  const there = new Set((await partitions(client)).map(({ name }) => name));
  for (const { name, parent, bound } of manifest.partitions) {
    if (!there.has(name)) await client.query(`create table tda.${name} partition of tda.${parent} ${bound}`);
  }
}
