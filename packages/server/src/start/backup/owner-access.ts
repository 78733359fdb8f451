import type pg from "pg";
import { startEmbeddedPostgres } from "../../adapters/database/embedded/embedded-postgres.ts";
import { findInstance } from "../../adapters/database/embedded/running-instance.ts";
import type { Settings } from "../../config/settings.ts";
import type { Logger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";

/** The database by the role that owns the tables. */
export interface OwnerAccess {
  readonly kind: "embedded" | "external";
  readonly owner: pg.ClientConfig;
  /** The role of the server's connections; null: the owner's login. */
  readonly applicationRole: string | null;
  /** Stops what was started for this. */
  close(): Promise<void>;
}

const connections = 4;
const stopLimitMs = 30_000;

/** Of a backup: the database where it is, whether a server runs on it or not. @throws StartError when there is none. */
export async function accessForBackup(settings: Settings, logger: Logger): Promise<OwnerAccess> {
  if (settings.databaseUrl !== null) return externalAccess(settings);
  const found = await findInstance(instanceOptions(settings));
  switch (found.state) {
    case "none":
      throw new StartError(`There is nothing to back up: ${settings.dataDir} has no database.`);
    case "running":
      return { kind: "embedded", owner: found.owner, applicationRole: null, close: async () => undefined };
    case "stopped":
      return await startedAccess(settings, logger);
  }
}

/** Of a restore: an embedded database is made. @throws StartError when the data folder has one, or a server runs on it. */
export async function accessForRestore(settings: Settings, logger: Logger): Promise<OwnerAccess> {
  if (settings.databaseUrl !== null) return externalAccess(settings);
  const { state } = await findInstance(instanceOptions(settings));
  if (state === "running") throw new StartError(`A server runs on the data folder ${settings.dataDir}: stop it first.`);
  return await startedAccess(settings, logger);
}

function externalAccess({ databaseUrl, databaseOwnerUrl }: Settings): OwnerAccess {
  return {
    kind: "external",
    owner: { connectionString: databaseOwnerUrl ?? databaseUrl! },
    applicationRole: databaseOwnerUrl === null ? null : userOf(databaseUrl!),
    close: async () => undefined,
  };
}

function userOf(url: string): string | null {
  const user = URL.canParse(url) ? decodeURIComponent(new URL(url).username) : "";
  return user === "" ? null : user;
}

async function startedAccess(settings: Settings, logger: Logger): Promise<OwnerAccess> {
  const embedded = await startEmbeddedPostgres({ ...instanceOptions(settings), connections, logger });
  return {
    kind: "embedded",
    owner: embedded.address("owner"),
    applicationRole: embedded.address("app").user,
    close: () => embedded.stop(stopLimitMs),
  };
}

function instanceOptions({ dataDir, databaseSystemDir, databaseAccount }: Settings) {
  return { dataDir, systemDir: databaseSystemDir, accountName: databaseAccount };
}
