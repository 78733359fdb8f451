import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { asAccount, childEnvironment, databaseAccount } from "../embedded/account.ts";
import { installBinaries } from "../embedded/binaries.ts";
import { temporaryDir } from "./temporary-dir.ts";

export interface ExternalPostgres {
  /** URL of a role without password; by default the superuser and its database. */
  url(user?: string, database?: string): string;
  /** Runs statements as the superuser. */
  query(statement: string, database?: string): Promise<void>;
  /** Ends it as a failing machine would (SIGKILL), and starts it again on its data. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const readyLimitMs = 30_000;

/**
 * A PostgreSQL server on a free loopback port, as an installation of its own would be: what DATABASE_URL is tested
 * against. It trusts everyone and syncs nothing, so it is for tests only.
 */
export async function startExternalPostgres(): Promise<ExternalPostgres> {
  const dir = await temporaryDir(0o755);
  const account = databaseAccount("nobody");
  const as = { ...asAccount(account), cwd: "/", env: childEnvironment };
  const binaries = await installBinaries([dir.path], account);
  const clusterDir = join(dir.path, "cluster");
  await mkdir(clusterDir, { mode: 0o700 });
  if (account !== null) await chown(clusterDir, account.uid, account.gid);
  const made = spawnSync(
    join(binaries.dir, "bin", "initdb"),
    ["-D", clusterDir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    { ...as, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const start = (): ChildProcess =>
    spawn(
      join(binaries.dir, "bin", "postgres"),
      ["-D", clusterDir, ...settings.flatMap((setting) => ["-c", setting])],
      { ...as, stdio: "ignore" },
    );
  let child = start();
  const url = (user = "postgres", database = "postgres"): string =>
    `postgresql://${user}@127.0.0.1:${port}/${database}`;
  await waitUntilReady(url());
  return {
    url,
    query: (statement, database) => run(url("postgres", database), statement),
    crash: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      // Until its last process has noticed, another does not start.
      for (;;) {
        child = start();
        const refused = once(child, "exit").then(() => true);
        if (!(await Promise.race([refused, waitUntilReady(url()).then(() => false)]))) return;
        await sleep(50);
      }
    },
    stop: () => stop(child, dir),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function waitUntilReady(url: string): Promise<void> {
  for (const end = Date.now() + readyLimitMs; ; await sleep(20)) {
    try {
      return await run(url, "select 1");
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function stop(child: ChildProcess, dir: { remove(): Promise<void> }): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGQUIT");
  await ended;
  await dir.remove();
}
