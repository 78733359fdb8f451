import { type EmbeddedPostgres, startEmbeddedPostgres } from "../adapters/database/embedded/embedded-postgres.ts";
import {
  type Database,
  type DatabaseAccess,
  openDatabase,
  systemPoolSize,
} from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import type { Logger } from "../internal/logger.ts";

export interface Storage {
  readonly database: Database;
  /** null: DATABASE_URL's server, which is not ours to stop. */
  readonly embedded: EmbeddedPostgres | null;
}

export interface StorageOptions {
  readonly settings: Settings;
  readonly keysDir: string;
  readonly renewLocalKey: boolean;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const failedStartLimitMs = 10_000;

/** The database that the settings ask for, migrated and open. @throws StartError */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { settings, logger, signal } = options;
  if (settings.databaseUrl !== null) {
    const access: DatabaseAccess = {
      kind: "external",
      application: { connectionString: settings.databaseUrl },
      owner: settings.databaseOwnerUrl === null ? null : { connectionString: settings.databaseOwnerUrl },
    };
    return { database: await open(options, access), embedded: null };
  }
  const embedded = await startEmbeddedPostgres({
    dataDir: settings.dataDir,
    systemDir: settings.databaseSystemDir,
    accountName: settings.databaseAccount,
    connections: settings.databasePoolSize + systemPoolSize(settings.databasePoolSize),
    logger,
    signal,
  });
  try {
    signal.throwIfAborted();
    const access: DatabaseAccess = {
      kind: "embedded",
      application: embedded.address("app"),
      owner: embedded.address("owner"),
    };
    return { database: await open(options, access), embedded };
  } catch (error) {
    await embedded.stop(failedStartLimitMs);
    throw error;
  }
}

function open({ settings, keysDir, renewLocalKey, logger }: StorageOptions, access: DatabaseAccess): Promise<Database> {
  return openDatabase({
    access,
    poolSize: settings.databasePoolSize,
    statementTimeoutMs: settings.databaseStatementTimeoutMs,
    retentionDays: settings.computationRetentionDays,
    keysDir,
    renewLocalKey,
    logger,
  });
}
