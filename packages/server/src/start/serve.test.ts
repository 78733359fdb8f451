import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseAccount } from "../adapters/database/embedded/account.ts";
import { installBinaries } from "../adapters/database/embedded/binaries.ts";
import { readInstance } from "../adapters/database/embedded/instance-file.ts";
import { startExternalPostgres } from "../adapters/database/testing/external-postgres.ts";
import { type TemporaryDir, temporaryDir } from "../adapters/database/testing/temporary-dir.ts";
import { identifyProcess } from "../internal/process-identity.ts";
import { repeatMs } from "./signals.ts";
import { type ServerProcess, startServerProcess } from "./testing/server-process.ts";

/** The binaries are copied once for all tests. */
let shared: TemporaryDir;
let systemDir: string;
beforeAll(async () => {
  shared = await temporaryDir(0o755);
  systemDir = join(shared.path, "tda-platform");
  mkdirSync(systemDir, { mode: 0o755 });
  await installBinaries([systemDir], databaseAccount("nobody"));
});
afterAll(() => shared.remove());

let dir: TemporaryDir;
let dataDir: string;
let servers: ServerProcess[];
beforeEach(async () => {
  dir = await temporaryDir(0o755);
  dataDir = join(dir.path, "data");
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.child.kill("SIGTERM");
    await server.ended;
  }
  await dir.remove();
});

function start(env: Record<string, string> = {}, args: readonly string[] = []): ServerProcess {
  const server = startServerProcess(
    { TDA_DATA_DIR: dataDir, TDA_DATABASE_SYSTEM_DIR: systemDir, XDG_CACHE_HOME: shared.path, ...env },
    args,
  );
  servers.push(server);
  return server;
}

const square = {
  points: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};

async function compute(url: string, body: unknown = square, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${url}/v1/compute/vietoris-rips`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

const fresh = () => ({
  points: [
    [0, 0],
    [1, 0],
    [Math.random(), 1],
  ],
});

/** Process number of the embedded database; its folder is beside the instance file in these tests. */
function databasePid(): number {
  return Number.parseInt(readFileSync(join(dataDir, "postgres", "cluster", "postmaster.pid"), "utf8"), 10);
}

async function countComputations(): Promise<number> {
  const instance = await readInstance(join(dataDir, "postgres"));
  const client = new pg.Client({
    host: join(dataDir, "postgres", "socket"),
    user: "tda_app",
    password: instance!.passwords.app,
    database: "tda",
  });
  await client.connect();
  try {
    await client.query("set role tda_system");
    return Number((await client.query("select count(*) as n from tda.computations")).rows[0].n);
  } finally {
    await client.end();
  }
}

const isGone = (pid: number) => identifyProcess(pid) === null;

describe("a server", () => {
  test("starts, computes, is found by its run file, and stops leaving nothing behind", async () => {
    const server = start();
    const { url } = await server.said;
    const answer = await compute(url);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { diagrams: unknown }).diagrams).toEqual([
      [
        [0, 1],
        [0, 1],
        [0, 1],
        [0, null],
      ],
      [[1, Math.SQRT2]],
    ]);
    const runFile = join(dataDir, "run", "server.json");
    expect(JSON.parse(readFileSync(runFile, "utf8"))).toMatchObject({ pid: server.pid, url });
    expect(await countComputations()).toBe(1);
    const database = databasePid();
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    expect(isGone(database)).toBe(true);
    expect(existsSync(runFile)).toBe(false);
  });

  test("asks for the key that its first start made, and shows it on a terminal only", async () => {
    const env = { FEATURE_ENABLE_AUTHENTICATION: "true" };
    const server = start(env);
    const { url, firstStart } = await server.said;
    expect(firstStart).toEqual({ keyFile: join(dataDir, "keys", "local-api-key") });
    const key = readFileSync(firstStart!.keyFile, "utf8").trim();
    expect((await compute(url)).status).toBe(401);
    expect((await compute(url, square, { "x-api-key": key })).status).toBe(200);
    server.child.kill("SIGTERM");
    await server.ended;
    const renewed = start(env, ["--new-local-key"]);
    const said = await renewed.said;
    const newKey = readFileSync(said.firstStart!.keyFile, "utf8").trim();
    expect(newKey).not.toBe(key);
    expect((await compute(said.url, square, { "x-api-key": key })).status).toBe(401);
    expect((await compute(said.url, square, { "x-api-key": newKey })).status).toBe(200);
  });

  test("makes its secrets once, readable by nobody else", async () => {
    const first = start();
    await first.said;
    const pemFile = join(dataDir, "keys", "jwt-signing.pem");
    const pem = readFileSync(pemFile, "utf8");
    expect(statSync(pemFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, "keys")).mode & 0o777).toBe(0o700);
    first.child.kill("SIGTERM");
    await first.ended;
    await start().said;
    expect(readFileSync(pemFile, "utf8")).toBe(pem);
  });

  test("is refused on the data folder of another, and the other goes on", async () => {
    const { url } = await start().said;
    const second = start();
    expect(await second.said).toMatchObject({ error: "StartError", message: expect.stringContaining(dataDir) });
    expect(await second.ended).toBe(1);
    expect((await compute(url)).status).toBe(200);
  });

  test("names port and setting when the port is taken, and leaves no database behind", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const server = start({ API_PORT: String(port) });
    const said = await server.said;
    expect(said.message).toContain(String(port));
    expect(said.message).toContain("API_PORT");
    expect(await server.ended).toBe(1);
    expect(existsSync(join(dataDir, "postgres", "cluster", "postmaster.pid"))).toBe(false);
    taken.close();
  });

  test("uses DATABASE_URL's server instead of its own", async () => {
    const external = await startExternalPostgres();
    const server = start({ DATABASE_URL: external.url() });
    const { url } = await server.said;
    expect((await compute(url)).status).toBe(200);
    const health = (await (await fetch(`${url}/health/dependencies`)).json()) as { dependencies: unknown[] };
    expect(health.dependencies).toContainEqual(expect.objectContaining({ name: "database", kind: "external" }));
    expect(existsSync(join(dataDir, "postgres"))).toBe(false);
    server.child.kill("SIGTERM");
    await server.ended;
    await external.stop();
  });

  test("that cannot reach DATABASE_URL's server says so", async () => {
    const server = start({ DATABASE_URL: "postgresql://me:hunter2@127.0.0.1:1/tda" });
    const said = await server.said;
    expect(said).toMatchObject({ error: "StartError", message: expect.stringContaining("DATABASE_URL") });
    expect(said.message).not.toContain("hunter2");
    expect(await server.ended).toBe(1);
  });

  test("with a signing key that is none does not start", async () => {
    mkdirSync(join(dataDir, "keys"), { recursive: true, mode: 0o700 });
    writeFileSync(join(dataDir, "keys", "jwt-signing.pem"), "not a key");
    const server = start();
    expect(await server.said).toMatchObject({ message: expect.stringContaining("jwt-signing.pem") });
    expect(await server.ended).toBe(1);
    expect(existsSync(join(dataDir, "postgres", "cluster", "postmaster.pid"))).toBe(false);
  });
});

describe("when killed", () => {
  test("the server, its computations are there at the next start", async () => {
    const server = start();
    const { url } = await server.said;
    for (let i = 0; i < 3; i++) expect((await compute(url, fresh())).status).toBe(200);
    server.child.kill("SIGKILL");
    await server.ended;
    await start().said;
    expect(await countComputations()).toBe(3);
  });

  test("the database, requests are told to come again, until it is back by itself", async () => {
    const { url } = await start().said;
    expect((await compute(url, fresh())).status).toBe(200);
    const old = databasePid();
    process.kill(old, "SIGKILL");
    const statuses = new Set<number>();
    await expect
      .poll(
        async () => {
          const { status } = await compute(url, fresh());
          statuses.add(status);
          return status === 200 && databasePid() !== old;
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBe(true);
    expect([...statuses].every((status) => status === 200 || status === 503)).toBe(true);
    await expect.poll(async () => (await fetch(`${url}/health/ready`)).status, { timeout: 10_000 }).toBe(200);
  });
});

/** Random distances without geometry in them make long reductions. */
function withoutGeometry(points: number): unknown {
  const distances = Array.from({ length: points }, (_, i) => Array.from({ length: i }, () => 1 + Math.random()));
  return { distances, max_dimension: 1 };
}
/** Takes the TypeScript engine a second or so. */
const slow = () => withoutGeometry(80);
/** Takes it half a minute. */
const long = () => withoutGeometry(200);

describe("when stopped", () => {
  test("a computation in progress is finished and answered", async () => {
    const server = start();
    const { url } = await server.said;
    await compute(url);
    const answer = compute(url, slow());
    await isComputing(url);
    server.child.kill("SIGTERM");
    expect((await answer).status).toBe(200);
    expect(await server.ended).toBe(0);
  });

  test("a computation that passes the time limit is cancelled and answered", async () => {
    const server = start({ TDA_SHUTDOWN_TIMEOUT_MS: "100" });
    const { url } = await server.said;
    const answer = compute(url, long());
    await isComputing(url);
    server.child.kill("SIGTERM");
    expect((await answer).status).toBeGreaterThanOrEqual(500);
    expect(await server.ended).toBe(0);
  });

  test("by a signal to its whole group, and again at once, it stops in order", async () => {
    const server = start();
    const { url } = await server.said;
    expect((await compute(url)).status).toBe(200);
    const database = databasePid();
    for (let i = 0; i < 3; i++) process.kill(-server.pid, "SIGINT");
    expect(await server.ended).toBe(0);
    expect(isGone(database)).toBe(true);
    expect(existsSync(join(dataDir, "postgres", "cluster", "postmaster.pid"))).toBe(false);
  });

  test("and asked again later, it ends at once, with its database and with another exit code", async () => {
    const server = start();
    const { url } = await server.said;
    const answer = compute(url, long()).catch(() => null);
    await isComputing(url);
    const database = databasePid();
    server.child.kill("SIGTERM");
    await sleep(repeatMs + 200);
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(1);
    expect((await answer)?.status ?? 503).not.toBe(200);
    expect(isGone(database)).toBe(true);
  });

  test("as soon as it answers that it is ready, it stops in order", async () => {
    const port = await freePort();
    for (let turn = 0; turn < 3; turn++) {
      const server = start({ API_PORT: String(port) });
      let isReady = false;
      while (!isReady && server.child.exitCode === null) {
        isReady = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      }
      server.child.kill("SIGTERM");
      expect(await server.ended).toBe(0);
      expect(existsSync(join(dataDir, "run", "server.json"))).toBe(false);
    }
  });

  test("while starting, it says so and leaves no database behind", async () => {
    const server = start();
    await expect
      .poll(() => existsSync(join(dataDir, "postgres", "instance.json")), { timeout: 20_000, interval: 5 })
      .toBe(true);
    server.child.kill("SIGTERM");
    expect(await server.said).toMatchObject({ error: "StartError" });
    expect(await server.ended).toBe(1);
    expect(existsSync(join(dataDir, "postgres", "cluster", "postmaster.pid"))).toBe(false);
    expect((await start().said).url).toMatch(/^http/);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function isComputing(url: string): Promise<void> {
  await expect
    .poll(async () => /^tda_computations_running 1$/m.test(await (await fetch(`${url}/metrics`)).text()), {
      timeout: 20_000,
      interval: 10,
    })
    .toBe(true);
}
