import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import {
  type Account,
  asAccount,
  canEnter,
  childEnvironment,
  databaseAccount,
} from "../../packages/server/src/adapters/database/embedded/account.ts";
import { installBinaries } from "../../packages/server/src/adapters/database/embedded/binaries.ts";
import { cacheFolder } from "../test/test-tools.mjs";
import { ServerProcess } from "./server-process.ts";
import type { Program, Supervisor } from "./supervisor.ts";

export interface PostgresOptions {
  /** Waits for the disk at each commit, as in production. Default false: data survives `kill -9`, not a power cut. */
  readonly durable?: boolean;
  /** More settings of the server, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A database of the server by its two roles. */
export interface DatabaseUrls {
  /** By the application's role, which owns nothing. */
  readonly url: string;
  /** By the role that owns the database. */
  readonly ownerUrl: string;
}

export interface PostgresAddresses extends DatabaseUrls {
  /** By the superuser. */
  readonly adminUrl: string;
}

interface Role {
  readonly name: string;
  readonly password: string;
}

/** The account that runs the server when we are root, which PostgreSQL refuses to be. */
const accountName = "nobody";
/** Where root's copy of the binaries goes when that account cannot enter root's cache folder. */
const rootCache = "/var/cache/tda-platform";

/** The application takes it for work across projects; who may not make roles has it made. */
const systemRole = "tda_system";

/**
 * A PostgreSQL server as an installation of its own would be: TCP on loopback only, SCRAM passwords, a superuser, a role
 * that owns the database, and one for the application that owns nothing.
 */
export class PostgresServer extends ServerProcess implements PostgresAddresses {
  readonly #roles: Readonly<Record<"admin" | "owner" | "application", Role>>;

  private constructor(
    supervisor: Supervisor,
    folder: string,
    binaries: string,
    account: Account | null,
    roles: Readonly<Record<"admin" | "owner" | "application", Role>>,
    options: PostgresOptions,
  ) {
    const settings: Record<string, string> = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      max_connections: "200",
      fsync: options.durable ? "on" : "off",
      ...options.settings,
    };
    const fixed = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    super(supervisor, {
      name: "postgres",
      program: (port) =>
        program(binaries, "postgres", ["-D", clusterOf(folder), "-c", `port=${port}`, ...fixed], folder, account),
      isReady: async () => {
        await query(this.#url("admin", "postgres"), "select 1");
        return true;
      },
      stopSignal: "SIGINT",
    });
    this.#roles = roles;
  }

  static async start(supervisor: Supervisor, folder: string, options: PostgresOptions = {}): Promise<PostgresServer> {
    const account = databaseAccount(accountName);
    const cache = canEnter(account, cacheFolder()) ? [cacheFolder()] : [];
    const { dir } = await installBinaries(
      account === null ? [...cache, folder] : [...cache, rootCache, folder],
      account,
    );
    const password = () => randomBytes(16).toString("hex");
    const roles = {
      admin: { name: "postgres", password: password() },
      owner: { name: "tda_owner", password: password() },
      application: { name: "tda_server", password: password() },
    };
    await initialise(supervisor, folder, dir, account, roles.admin);
    const server = new PostgresServer(supervisor, folder, dir, account, roles, options);
    await server.startUp();
    await query(
      server.adminUrl,
      `create role ${roles.owner.name} login password '${roles.owner.password}';
       create role ${roles.application.name} login password '${roles.application.password}';
       create role ${systemRole} nologin;
       grant ${systemRole} to ${roles.application.name} with inherit false, set true`,
    );
    await query(server.adminUrl, `create database tda owner ${roles.owner.name}`);
    return server;
  }

  get url(): string {
    return this.#url("application", "tda");
  }

  get ownerUrl(): string {
    return this.#url("owner", "tda");
  }

  get adminUrl(): string {
    return this.#url("admin", "postgres");
  }

  /** Another, empty database of the same two roles. */
  newDatabase(): Promise<DatabaseUrls> {
    return newDatabase(this);
  }

  #url(role: "admin" | "owner" | "application", database: string): string {
    const { name, password } = this.#roles[role];
    return `postgresql://${name}:${password}@127.0.0.1:${this.port}/${database}`;
  }
}

/** An empty database of the same two roles, from any process that knows the addresses. */
export async function newDatabase(server: PostgresAddresses): Promise<DatabaseUrls> {
  const name = `tda_${randomBytes(6).toString("hex")}`;
  await query(server.adminUrl, `create database ${name} owner ${new URL(server.ownerUrl).username}`);
  const on = (address: string) => Object.assign(new URL(address), { pathname: `/${name}` }).href;
  return { url: on(server.url), ownerUrl: on(server.ownerUrl) };
}

const clusterOf = (folder: string) => join(folder, "cluster");

function program(
  binaries: string,
  name: string,
  args: readonly string[],
  folder: string,
  account: Account | null,
): Program {
  return {
    command: join(binaries, "bin", name),
    args,
    cwd: "/",
    env: childEnvironment,
    ...asAccount(account),
    logFile: join(folder, `${name}.log`),
  };
}

async function initialise(
  supervisor: Supervisor,
  folder: string,
  binaries: string,
  account: Account | null,
  admin: Role,
): Promise<void> {
  const cluster = clusterOf(folder);
  const passwordFile = join(folder, "password");
  await mkdir(cluster, { mode: 0o700 });
  await writeFile(passwordFile, admin.password, { mode: 0o600 });
  if (account !== null) {
    for (const path of [cluster, passwordFile]) await chown(path, account.uid, account.gid);
  }
  const options = ["-D", cluster, "-U", admin.name, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
  const locale = ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const initdb = program(binaries, "initdb", [...options, ...locale], folder, account);
  const { ended } = await supervisor.run("initdb", initdb);
  const end = await supervisor.awaited(ended);
  if (end !== "status 0") throw new Error(`initdb ended with ${end}:\n${await readFile(initdb.logFile, "utf8")}`);
  await rm(passwordFile);
}

async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
