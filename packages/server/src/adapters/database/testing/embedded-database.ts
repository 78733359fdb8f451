import { join } from "node:path";
import pg from "pg";
import { createPool } from "../connection-pool.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../embedded/embedded-postgres.ts";
import type { DatabaseAccess } from "../open-database.ts";
import { silent } from "./records.ts";
import { temporaryDir } from "./temporary-dir.ts";

/** An embedded database that nothing has been put into yet. */
export interface EmbeddedDatabase {
  readonly embedded: EmbeddedPostgres;
  readonly access: DatabaseAccess;
  /** For the keys of servers that are opened on it. */
  readonly keysDir: string;
  /** A connection that may see and change everything. */
  readonly admin: pg.Client;
  /** One connection as the server has them, so that whatever a transaction left behind would be met by the next. */
  connection(role: string | null): pg.Pool;
  end(): Promise<void>;
}

export async function startEmbeddedDatabase(connections = 12): Promise<EmbeddedDatabase> {
  const dir = await temporaryDir(0o755);
  const embedded = await startEmbeddedPostgres({
    dataDir: join(dir.path, "data"),
    systemDir: join(dir.path, "system"),
    accountName: "nobody",
    connections,
    logger: silent,
  });
  const admin = new pg.Client({ ...embedded.address("superuser"), database: "tda" });
  await admin.connect();
  const application = embedded.address("app");
  return {
    embedded,
    access: { kind: "embedded", application, owner: embedded.address("owner") },
    keysDir: join(dir.path, "keys"),
    admin,
    connection: (role) =>
      createPool({ connection: application, size: 1, statementTimeoutMs: 5_000, role, logger: silent }),
    async end() {
      await admin.end();
      await embedded.stop(5_000);
      await dir.remove();
    },
  };
}
