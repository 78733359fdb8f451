import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { identifyProcess } from "../../../internal/process-identity.ts";
import { StartError } from "../../../internal/start-error.ts";
import { silent } from "../testing/records.ts";
import { type TemporaryDir, temporaryDir } from "../testing/temporary-dir.ts";
import { databaseAccount } from "./account.ts";
import { installBinaries } from "./binaries.ts";
import { type Address, type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { forgottenInstances } from "./system-directory.ts";

const isRoot = process.geteuid?.() === 0;

/** The binaries are copied once for all tests: a system folder of root's, a cache folder of a plain user's. */
let shared: TemporaryDir;
beforeAll(async () => {
  shared = await temporaryDir(0o755);
  vi.stubEnv("XDG_CACHE_HOME", shared.path);
  mkdirSync(join(shared.path, "tda-platform"), { mode: 0o755 });
  await installBinaries([join(shared.path, "tda-platform")], databaseAccount("nobody"));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await shared.remove();
});
const systemDir = () => join(shared.path, "tda-platform");

let dir: TemporaryDir;
let dataDir: string;
const running: EmbeddedPostgres[] = [];
const closedDirs: TemporaryDir[] = [];
beforeEach(async () => {
  dir = await temporaryDir(0o755);
  dataDir = join(dir.path, "data");
});
afterEach(async () => {
  for (const database of running.splice(0)) await database.stop(5_000);
  for (const closed of closedDirs.splice(0)) await closed.remove();
  await dir.remove();
});

/** A folder that root's account cannot pass. */
async function closedDir(): Promise<string> {
  const closed = await temporaryDir(0o700);
  closedDirs.push(closed);
  return closed.path;
}

async function start(
  more: { dataDir?: string; systemDir?: string; signal?: AbortSignal } = {},
): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({
    dataDir: more.dataDir ?? dataDir,
    systemDir: more.systemDir ?? systemDir(),
    accountName: "nobody",
    connections: 4,
    logger: silent,
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  });
  running.push(database);
  return database;
}

async function query(address: Address, text: string): Promise<unknown[]> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const eventually = (check: () => Promise<unknown> | unknown) => expect.poll(check, { timeout: 30_000, interval: 50 });
const isGone = (pid: number) => identifyProcess(pid) === null;

describe("a started database", () => {
  test("is closed to the network and to others, checks its pages, and knows its passwords only as hashes", async () => {
    const database = await start();
    const admin = database.address("superuser");
    const settings = await query(
      admin,
      `select current_setting('listen_addresses') as tcp, current_setting('data_checksums') as checksums,
         current_setting('fsync') as fsync, current_setting('unix_socket_permissions') as permissions,
         (select datlocprovider::text || ' ' || datlocale from pg_database where datname = 'tda') as locale,
         (select bool_and(rolpassword like 'SCRAM-SHA-256$%') from pg_authid where rolcanlogin) as scram`,
    );
    expect(settings).toEqual([
      { tcp: "", checksums: "on", fsync: "on", permissions: "0700", locale: "b C.UTF-8", scram: true },
    ]);
    expect(statSync(admin.host).mode & 0o777).toBe(0o700);
    expect(statSync(database.clusterDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, "postgres", "instance.json")).mode & 0o777).toBe(0o600);
  });

  test("has an application role without privileges, and refuses wrong passwords", async () => {
    const database = await start();
    const role = await query(
      database.address("app"),
      "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = current_user",
    );
    expect(role).toEqual([
      { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false },
    ]);
    await expect(query({ ...database.address("app"), password: "x" }, "select 1")).rejects.toMatchObject({
      code: "28P01",
    });
    await expect(query({ ...database.address("app"), database: "template1" }, "select 1")).rejects.toThrow();
  });

  test("keeps its data over a stop and over its own death, and comes back by itself", async () => {
    const database = await start();
    await query(database.address("owner"), "create table kept as select 1 as value");
    const first = database.pid!;
    process.kill(first, "SIGKILL");
    await eventually(() => query(database.address("owner"), "select value from kept").catch(() => "away")).toEqual([
      { value: 1 },
    ]);
    expect(database.pid).not.toBe(first);
    await database.stop(5_000);
    expect(isGone(database.pid ?? first)).toBe(true);
    const again = await start();
    expect(await query(again.address("owner"), "select value from kept")).toEqual([{ value: 1 }]);
  });

  test("is stopped with its helpers, and leaves no lock and no socket", async () => {
    const database = await start();
    const { pid, clusterDir } = database;
    await database.stop(5_000);
    await database.stop(5_000);
    expect(isGone(pid!)).toBe(true);
    expect(existsSync(join(clusterDir, "postmaster.pid"))).toBe(false);
    expect(existsSync(join(clusterDir, "..", "server.lock"))).toBe(false);
    expect(readdirSync(database.address("app").host)).toEqual([]);
  });

  test("ends at once when its stop is hurried, although a client is busy", async () => {
    const database = await start();
    const busy = query(database.address("app"), "select pg_sleep(60)").catch(() => "cut");
    await database.stop(60_000, AbortSignal.abort());
    expect(await busy).toBe("cut");
    expect(database.pid).toBeNull();
  });

  test("is not shared: a second server on the folder is refused", async () => {
    await start();
    await expect(start()).rejects.toThrow(StartError);
    await expect(start()).rejects.toThrow(dataDir);
  });

  test("works under a path that is too long for a socket", async () => {
    const long = join(dir.path, "a".repeat(60), "b".repeat(60));
    const database = await start({ dataDir: long });
    expect(await query(database.address("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    const { host } = database.address("app");
    await database.stop(5_000);
    if (!host.startsWith(dir.path)) expect(existsSync(host)).toBe(false);
  });
});

describe("a data folder", () => {
  test("may exist, hold foreign files, and keeps its mode and theirs", async () => {
    mkdirSync(dataDir, { mode: 0o700 });
    writeFileSync(join(dataDir, "foreign.txt"), "theirs", { mode: 0o640 });
    const database = await start();
    expect(await query(database.address("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, "foreign.txt")).mode & 0o777).toBe(0o640);
    expect(readFileSync(join(dataDir, "foreign.txt"), "utf8")).toBe("theirs");
    expect(statSync(dataDir).uid).toBe(process.geteuid?.());
  });

  test("whose postgres/ is a link is refused, and nothing is written behind it", async () => {
    mkdirSync(join(dir.path, "elsewhere"));
    mkdirSync(dataDir);
    symlinkSync(join(dir.path, "elsewhere"), join(dataDir, "postgres"));
    await expect(start()).rejects.toThrow(StartError);
    expect(readdirSync(join(dir.path, "elsewhere"))).toEqual([]);
  });

  test("of a newer PostgreSQL is refused and left as it is", async () => {
    const database = await start();
    await database.stop(5_000);
    writeFileSync(join(database.clusterDir, "PG_VERSION"), "99\n");
    await expect(start()).rejects.toThrow(/99/);
    expect(readFileSync(join(database.clusterDir, "PG_VERSION"), "utf8")).toBe("99\n");
  });

  test("whose instance file is damaged is refused with its name", async () => {
    const database = await start();
    await database.stop(5_000);
    writeFileSync(join(dataDir, "postgres", "instance.json"), "{");
    await expect(start()).rejects.toThrow(/instance\.json/);
  });

  test("that a cut-short start left behind is completed", async () => {
    const aborted = start({ signal: AbortSignal.timeout(150) });
    await expect(aborted).rejects.toThrow();
    const database = await start();
    expect(await query(database.address("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    expect(readdirSync(join(database.clusterDir, "..")).filter((name) => name.startsWith("cluster.new"))).toEqual([]);
  });

  test("with a postmaster.pid that names another process is opened, and that process is left alone", async () => {
    const database = await start();
    await database.stop(5_000);
    const bystander = spawn("sleep", ["60"]);
    await once(bystander, "spawn");
    const started = Math.floor(Date.now() / 1000);
    writeFileSync(
      join(database.clusterDir, "postmaster.pid"),
      `${bystander.pid}\n${database.clusterDir}\n${started}\n`,
    );
    const again = await start();
    expect(await query(again.address("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    expect(isGone(bystander.pid!)).toBe(false);
    bystander.kill();
  });
});

/** A server process of its own, that can be killed. */
async function startServer(): Promise<{ pid: number; database: number; kill(): Promise<void> }> {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL("./embedded-postgres.ts", import.meta.url).href)};
    import { createLogger } from ${JSON.stringify(new URL("../../../internal/logger.ts", import.meta.url).href)};
    const database = await startEmbeddedPostgres({
      dataDir: ${JSON.stringify(dataDir)}, systemDir: ${JSON.stringify(systemDir())}, accountName: "nobody",
      connections: 4, logger: createLogger({ level: "silent", format: "json" }),
    });
    console.log(database.pid);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const [line] = await once(child.stdout, "data");
  return {
    pid: child.pid!,
    database: Number(String(line)),
    async kill() {
      const ended = once(child, "exit");
      // The whole group, as a supervisor that loses patience does.
      process.kill(-child.pid!, "SIGKILL");
      await ended;
    },
  };
}

describe("when the server is killed", () => {
  test("the database ends by itself", async () => {
    const server = await startServer();
    await server.kill();
    await eventually(() => isGone(server.database)).toBe(true);
  });

  test("the next server starts at once, whether the database has ended yet or not, and the data are there", async () => {
    await query((await start()).address("owner"), "create table kept as select 1 as value");
    await running.pop()?.stop(5_000);
    const server = await startServer();
    await server.kill();
    const next = await start();
    expect(await query(next.address("owner"), "select value from kept")).toEqual([{ value: 1 }]);
  });

  test("with the database's guard, the next server stops the orphan", async () => {
    const server = await startServer();
    killGuardOf(server.database);
    await server.kill();
    expect(isGone(server.database)).toBe(false);
    const next = await start();
    expect(isGone(server.database)).toBe(true);
    expect(await query(next.address("app"), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("together with the database, the data are there", async () => {
    await query((await start()).address("owner"), "create table kept as select 1 as value");
    await running.pop()?.stop(5_000);
    const server = await startServer();
    process.kill(server.database, "SIGKILL");
    await server.kill();
    const next = await start();
    expect(await query(next.address("owner"), "select value from kept")).toEqual([{ value: 1 }]);
  });

  test("while it lives, another server is refused", async () => {
    const server = await startServer();
    await expect(start()).rejects.toThrow(String(server.pid));
    await server.kill();
  });
});

/** The guard is the shell that was given the database's process number. */
function killGuardOf(database: number): void {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
  const guard = stdout
    .split("\n")
    .find((line) => line.includes("read -r line") && line.trimEnd().endsWith(` ${database}`));
  process.kill(Number.parseInt(guard!, 10), "SIGKILL");
}

if (isRoot) {
  describe("as root", () => {
    test("PostgreSQL runs as the account, in the data folder when the account can pass", async () => {
      const database = await start();
      expect(database.clusterDir).toBe(join(dataDir, "postgres", "cluster"));
      expect(statSync(`/proc/${database.pid}`).uid).toBe(65534);
      expect(lstatSync(join(dataDir, "postgres")).uid).toBe(0);
      expect(lstatSync(database.clusterDir).uid).toBe(65534);
    });

    test("binaries and data go to the system folder when it cannot, and are found again", async () => {
      const closed = await closedDir();
      const inside = join(closed, "data");
      const database = await start({ dataDir: inside });
      expect(database.clusterDir.startsWith(join(systemDir(), "data"))).toBe(true);
      expect(statSync(closed)).toMatchObject({ uid: 0, mode: 0o40700 });
      await query(database.address("owner"), "create table kept as select 1 as value");
      await database.stop(5_000);
      const again = await start({ dataDir: inside });
      expect(again.clusterDir).toBe(database.clusterDir);
      expect(await query(again.address("owner"), "select value from kept")).toEqual([{ value: 1 }]);
      await again.stop(5_000);
    });

    test("two data folders that the account cannot pass have a database each", async () => {
      const closed = await closedDir();
      const [one, two] = [await start({ dataDir: join(closed, "one") }), await start({ dataDir: join(closed, "two") })];
      expect(one.clusterDir).not.toBe(two.clusterDir);
    });

    test("a database whose data folder is gone is told, and kept", async () => {
      const closed = await closedDir();
      const database = await start({ dataDir: join(closed, "data") });
      const location = join(database.clusterDir, "..");
      expect(await forgottenInstances(systemDir())).not.toContain(location);
      await database.stop(5_000);
      await rm(join(closed, "data"), { recursive: true });
      expect(await forgottenInstances(systemDir())).toContain(location);
      await start();
      expect(existsSync(database.clusterDir)).toBe(true);
    });

    test("a system folder that others own, or can change, or can replace, is refused", async () => {
      const closed = await closedDir();
      for (const name of ["theirs", "open", "below/ours"]) mkdirSync(join(dir.path, name), { recursive: true });
      chownSync(join(dir.path, "theirs"), 65534, 65534);
      chmodSync(join(dir.path, "open"), 0o777);
      chownSync(join(dir.path, "below"), 65534, 65534);
      for (const name of ["theirs", "open", "below/ours"]) {
        const started = start({ dataDir: join(closed, name), systemDir: join(dir.path, name) });
        await expect(started, name).rejects.toThrow(StartError);
      }
    });

    test("the account never gets root to write behind a link of its own", async () => {
      const database = await start();
      await database.stop(5_000);
      const victim = join(dir.path, "victim");
      writeFileSync(victim, "root's");
      for (const name of ["postgresql.conf", "pg_hba.conf", "pg_ident.conf"]) {
        spawnSync("ln", ["-sf", victim, join(database.clusterDir, name)], { uid: 65534, gid: 65534 });
      }
      const again = await start();
      expect(await query(again.address("app"), "select 1 as one")).toEqual([{ one: 1 }]);
      expect(readFileSync(victim, "utf8")).toBe("root's");
    });

    test("an account that does not exist, or is root, is refused with the name of the setting", async () => {
      for (const accountName of ["no-such-account", "0"]) {
        const started = startEmbeddedPostgres({
          dataDir,
          systemDir: systemDir(),
          accountName,
          connections: 4,
          logger: silent,
        });
        await expect(started).rejects.toThrow(/TDA_DATABASE_ACCOUNT/);
      }
    });
  });
}
