import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type InstanceLock, LockHeld, takeInstanceLock } from "../../../internal/instance-lock.ts";
import type { Logger } from "../../../internal/logger.ts";
import { StartError } from "../../../internal/start-error.ts";
import { SYSTEM_ROLE } from "../tenancy.ts";
import { databaseAccount } from "./account.ts";
import { type Binaries, installBinaries } from "./binaries.ts";
import { ensureCluster, superuserName, writeConfiguration } from "./cluster.ts";
import { type DatabaseRole, writeInstance } from "./instance-file.ts";
import { type Layout, prepareLayout, socketPort } from "./layout.ts";
import { stopOrphan } from "./orphan.ts";
import { Postmaster } from "./postmaster.ts";
import { forgottenInstances } from "./system-directory.ts";

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly systemDir: string;
  readonly accountName: string;
  /** Connections for the server's pool; a few more are added for migrations and operators. */
  readonly connections: number;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  readonly version: string;
  /** Of the current run; another after a restart. */
  readonly pid: number | null;
  readonly clusterDir: string;
  address(role: DatabaseRole): Address;
  /** Stops the database and releases the folder: in order within the limit, else (or when hurried) at once. Idempotent. */
  stop(limitMs: number, hurry?: AbortSignal): Promise<void>;
}

const extraConnections = 6;
const roleNames: Readonly<Record<DatabaseRole, string>> = {
  superuser: superuserName,
  owner: "tda_owner",
  app: "tda_app",
};

/**
 * Starts the PostgreSQL of a data folder as a child of this process, making it on the first start: Unix socket in a 0700
 * folder, no TCP, random passwords. If it dies it is started again. One server per folder.
 * @throws StartError
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger } = options;
  const signal = options.signal ?? new AbortController().signal;
  const account = databaseAccount(options.accountName);
  const layout = await prepareLayout({ dataDir: options.dataDir, systemDir: options.systemDir, account });
  const lock = lockInstance(layout, options.dataDir);
  if (account !== null) await tellForgotten(options.systemDir, logger);
  try {
    const binaries = await installBinaries(layout.binariesDirs, layout.account);
    await stopOrphan(layout, logger);
    await ensureCluster(layout, binaries, signal);
    const configFile = await writeConfiguration(layout, { maxConnections: options.connections + extraConnections });
    const supervisor = new Supervisor(layout, binaries, configFile, lock, logger);
    await supervisor.start(signal);
    try {
      await createRoles(layout);
    } catch (error) {
      await supervisor.stop(5_000);
      throw error;
    }
    return supervisor;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function tellForgotten(systemDir: string, logger: Logger): Promise<void> {
  const folders = await forgottenInstances(systemDir);
  if (folders.length > 0)
    logger.warn({ folders }, "databases whose data folder is gone: remove those not needed any more");
}

function lockInstance(layout: Layout, dataDir: string): InstanceLock {
  try {
    return takeInstanceLock(join(layout.instanceDir, "server.lock"));
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    throw new StartError(
      `Another server (process ${error.holder.pid}) uses the data folder ${dataDir}: stop it, or choose another TDA_DATA_DIR.`,
      { cause: error },
    );
  }
}

export function addressOf(layout: Layout, role: DatabaseRole): Address {
  const database = role === "superuser" ? "template1" : "tda";
  return {
    host: layout.socketDir,
    port: socketPort,
    user: roleNames[role],
    password: layout.instance.passwords[role],
    database,
  };
}

/** Roles and the database, once. Safe to repeat: a start may have been cut short between any two of them. */
async function createRoles(layout: Layout): Promise<void> {
  if (layout.instance.isComplete && layout.instance.hasSystemRole === true) return;
  const { passwords } = layout.instance;
  const client = new pg.Client({ ...addressOf(layout, "superuser"), application_name: "tda-setup" });
  await client.connect();
  try {
    for (const role of ["owner", "app"] as const) {
      const name = roleNames[role];
      const { rowCount } = await client.query("select from pg_roles where rolname = $1", [name]);
      // The password is hexadecimal and the name is ours: both are safe as literals, which is all that DDL takes.
      await client.query(
        `${rowCount === 0 ? "create" : "alter"} role ${name} with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '${passwords[role]}'`,
      );
    }
    const { rowCount: hasSystemRole } = await client.query("select from pg_roles where rolname = $1", [SYSTEM_ROLE]);
    if (hasSystemRole === 0) await client.query(`create role ${SYSTEM_ROLE} nologin`);
    await client.query(`grant ${SYSTEM_ROLE} to tda_app with inherit false, set true`);
    // The empty database that initdb made becomes ours: another would double the files that a crash makes us sync.
    const { rowCount } = await client.query("select from pg_database where datname = 'tda'");
    if (rowCount === 0) await client.query("alter database postgres rename to tda");
    await client.query("alter database tda owner to tda_owner");
    await client.query("revoke all on database tda, template1 from public");
    await client.query("grant connect on database tda to tda_app");
  } finally {
    await client.end();
  }
  await writeInstance(layout.homeDir, { ...layout.instance, isComplete: true, hasSystemRole: true });
}

/** Restarts at once after a long run, later and later when it keeps dying. */
const backOffMs: readonly number[] = [50, 200, 500, 1_000, 2_000, 5_000];
const goodRunMs = 10_000;

class Supervisor implements EmbeddedPostgres {
  readonly version: string;
  readonly clusterDir: string;
  readonly #layout: Layout;
  readonly #binaries: Binaries;
  readonly #configFile: string;
  readonly #lock: InstanceLock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #postmaster: Postmaster | null = null;
  #supervision: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(layout: Layout, binaries: Binaries, configFile: string, lock: InstanceLock, logger: Logger) {
    this.version = binaries.version;
    this.clusterDir = layout.clusterDir;
    this.#layout = layout;
    this.#binaries = binaries;
    this.#configFile = configFile;
    this.#lock = lock;
    this.#logger = logger;
  }

  get pid(): number | null {
    return this.#postmaster === null || this.#postmaster.hasExited ? null : this.#postmaster.pid;
  }

  address(role: DatabaseRole): Address {
    return addressOf(this.#layout, role);
  }

  async start(signal: AbortSignal): Promise<void> {
    const postmaster = await this.#spawn();
    try {
      await postmaster.waitUntilReady(this.clusterDir, this.#logger, signal);
    } catch (error) {
      await postmaster.stop(5_000);
      throw error;
    }
    this.#supervision = this.#supervise(postmaster);
  }

  stop(limitMs: number, hurry?: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stopOnce(limitMs, hurry);
    return this.#stopped;
  }

  async #stopOnce(limitMs: number, hurry: AbortSignal | undefined): Promise<void> {
    this.#stopping.abort();
    await this.#postmaster?.stop(limitMs, hurry);
    await this.#supervision;
    // A short folder elsewhere has done its service; the one beside the cluster stays.
    if (!this.#layout.socketDir.startsWith(this.#layout.instanceDir))
      await rmdir(this.#layout.socketDir).catch(() => undefined);
    this.#lock.release();
  }

  async #spawn(): Promise<Postmaster> {
    const postmaster = await Postmaster.spawn(
      join(this.#binaries.dir, "bin"),
      this.#configFile,
      this.#layout,
      this.#logger,
    );
    this.#postmaster = postmaster;
    return postmaster;
  }

  async #supervise(first: Postmaster): Promise<void> {
    let postmaster = first;
    let failures = 0;
    let startedAt = Date.now();
    for (;;) {
      const lastWords = await postmaster.exited;
      if (this.#stopping.signal.aborted) return;
      failures = Date.now() - startedAt > goodRunMs ? 0 : failures;
      const waitMs = backOffMs[Math.min(failures, backOffMs.length - 1)]!;
      failures += 1;
      this.#logger.error({ reason: lastWords, waitMs }, "the database ended; starting it again");
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      startedAt = Date.now();
      try {
        await stopOrphan(this.#layout, this.#logger);
        postmaster = await this.#spawn();
        await postmaster.waitUntilReady(this.clusterDir, this.#logger, this.#stopping.signal);
        this.#logger.info({ pid: postmaster.pid }, "the database is back");
      } catch (error) {
        await postmaster.stop(5_000);
        if (this.#stopping.signal.aborted) return;
        this.#logger.error({ err: error }, "the database did not start");
      }
    }
  }
}
