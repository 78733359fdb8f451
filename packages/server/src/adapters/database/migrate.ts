import type pg from "pg";
import type { Logger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";
import { migrations } from "./migrations/all.ts";
import type { Migration } from "./migrations/migration.ts";

/** An advisory lock of the database: "tda" in letters, and 1 for the start. */
const startLock = [0x746461, 1] as const;
const lockLimit = "10min";
const oldestServer = 140_000;

/**
 * Runs `work` while no other server starts on the same database: of two, one waits.
 * @throws StartError when the other does not finish in ten minutes.
 */
export async function withStartLock<T>(client: pg.Client, logger: Logger, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1, $2) as taken", [
    ...startLock,
  ]);
  if (rows[0]?.taken !== true) {
    logger.info("waiting for another server to finish its migrations");
    await client.query(`set lock_timeout = '${lockLimit}'`);
    try {
      await client.query("select pg_advisory_lock($1, $2)", [...startLock]);
    } catch (error) {
      if ((error as pg.DatabaseError).code !== "55P03") throw error;
      throw new StartError("Another server has been migrating the database for ten minutes: look at its log.", {
        cause: error,
      });
    }
    await client.query("set lock_timeout = 0");
  }
  try {
    return await work();
  } finally {
    // A lost connection has released it already.
    await client.query("select pg_advisory_unlock($1, $2)", [...startLock]).catch(() => undefined);
  }
}

/**
 * Brings the schema to this release's version, each step in a transaction. Call it under the start lock, as the owner.
 * @throws StartError when the database is too old a server, or was migrated by a newer release.
 */
export async function migrate(
  client: pg.Client,
  logger: Logger,
  steps: readonly Migration[] = migrations,
): Promise<number> {
  await checkServer(client);
  const { rows: found } = await client.query("select from pg_namespace where nspname = 'tda'");
  if (found.length === 0) await createSchema(client);
  const { rows } = await client.query<{ version: number }>("select version from tda.schema_history order by version");
  const applied = new Set(rows.map(({ version }) => version));
  const current = rows.at(-1)?.version ?? 0;
  const known = steps.at(-1)?.version ?? 0;
  if (current > known) {
    throw new StartError(
      `The database has schema version ${current} of a newer release, and this one knows ${known}: use the newer release.`,
    );
  }
  for (const step of steps) {
    // Not only those after the last: parts of a release that were made side by side need not arrive in their order.
    if (applied.has(step.version)) continue;
    await apply(client, step);
    logger.info({ version: step.version, name: step.name }, "database migrated");
  }
  return known;
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; version: string; encoding: string; database: string }>(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as version, current_setting('server_encoding') as encoding, current_database() as database",
  );
  const server = rows[0]!;
  if (server.number < oldestServer) {
    throw new StartError(
      `The database server is PostgreSQL ${server.version}, and at least ${oldestServer / 10_000} is needed.`,
    );
  }
  if (server.encoding !== "UTF8") {
    throw new StartError(`The database ${server.database} is encoded in ${server.encoding}, and UTF8 is needed.`);
  }
}

async function createSchema(client: pg.Client): Promise<void> {
  await inTransaction(client, async () => {
    await client.query("create schema tda");
    await client.query(
      "create table tda.schema_history (version int primary key, name text not null, applied_at timestamptz not null default now())",
    );
  });
}

async function apply(client: pg.Client, step: Migration): Promise<void> {
  await inTransaction(client, async () => {
    for (const statement of step.statements) await client.query(statement);
    await client.query("insert into tda.schema_history (version, name) values ($1, $2)", [step.version, step.name]);
  });
}

export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
