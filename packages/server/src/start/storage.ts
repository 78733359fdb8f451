import { type EmbeddedPostgres, startEmbeddedPostgres } from "../adapters/database/embedded/embedded-postgres.ts";
import {
  attachDatabase,
  type Database,
  type DatabaseAccess,
  openDatabase,
  type SharedDatabase,
  systemPoolSize,
} from "../adapters/database/open-database.ts";
import type { Settings } from "../config/settings.ts";
import type { ValueSealer } from "../domain/ports.ts";
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
  readonly sealer: ValueSealer;
  readonly signal: AbortSignal;
}

/** Connections that hear what other processes tell: of jobs, and of changed credentials. */
const LISTENING = 2;
/** One asks whether the database is there. */
const PINGING = 1;
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
    connections: connectionsOf(settings),
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

function open(
  { settings, keysDir, renewLocalKey, logger, sealer }: StorageOptions,
  access: DatabaseAccess,
): Promise<Database> {
  return openDatabase({ ...poolChoice(settings, logger), sealer, access, keysDir, renewLocalKey });
}

/** The database that the first process of this instance has opened, for another. @throws StartError */
export async function attachStorage(
  settings: Settings,
  shared: SharedDatabase,
  sealer: ValueSealer,
  logger: Logger,
): Promise<Storage> {
  return { database: await attachDatabase({ ...poolChoice(settings, logger), sealer }, shared), embedded: null };
}

/** Connections of all processes of this instance. */
function connectionsOf({ databasePoolSize, apiWorkers }: Settings): number {
  const processes = apiWorkers > 1 ? apiWorkers + 1 : 1;
  return processes * (databasePoolSize + systemPoolSize(databasePoolSize) + LISTENING + PINGING);
}

function poolChoice(settings: Settings, logger: Logger) {
  return {
    poolSize: settings.databasePoolSize,
    statementTimeoutMs: settings.databaseStatementTimeoutMs,
    retentionDays: settings.computationRetentionDays,
    auditRetentionDays: settings.auditRetentionDays,
    usageRetentionDays: settings.usageRetentionDays,
    jobRetention: {
      jobDays: settings.jobRetentionDays,
      resultDays: settings.jobResultRetentionDays,
      eventDays: settings.eventRetentionDays,
    },
    streamRetention: {
      resultDays: settings.streamResultRetentionDays,
      rejectedDays: settings.streamRejectedRetentionDays,
      keyTtlMs: settings.streamKeyTtlMs,
    },
    logger,
  };
}
