import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { isRunning, processTree } from "./processes.mjs";
import { startServices } from "./services.ts";

const root = join(import.meta.dirname, "..", "..");
const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The folder of the services whose processes these are: their command lines name it. */
function folderOf(pids: readonly number[]): string {
  const lines = pids.map((pid) =>
    existsSync("/proc/self/cmdline")
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8")
      : spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout,
  );
  const found = /\/tmp\/tda-services-\w+/.exec(lines.join("\n"))?.[0];
  if (found === undefined) throw new Error(`no folder in ${lines.join("\n")}`);
  return found;
}

interface Command {
  readonly child: ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly envFile: string;
  output(): string;
}

/** `npm run services` without npm, ready. */
async function startCommand(...names: string[]): Promise<Command> {
  const folder = mkdtempSync(join(tmpdir(), "tda-command-"));
  folders.push(folder);
  const envFile = join(folder, "services.env");
  const child = spawn(process.execPath, [join(root, "tools", "services.mjs"), ...names, "--save", envFile], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const isReady = () => {
    if (child.exitCode !== null) throw new Error(`the command ended with ${child.exitCode}`);
    return output.includes("They are in");
  };
  for (const end = Date.now() + 50_000; !isReady() && Date.now() < end; ) await sleep(50);
  const lines = readFileSync(envFile, "utf8").trim().split("\n");
  const env = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  return { child, env, envFile, output: () => output };
}

async function gone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isRunning), { timeout: 20_000, interval: 50 }).toEqual([]);
}

describe("the command", () => {
  it("starts all of them, tells a server's settings, and leaves nothing at its end", async () => {
    const { child, env, envFile, output } = await startCommand();
    expect(output()).toMatch(/PostgreSQL +postgresql:.*\nRedis +redis:.*\nS3 +http:.*\nOIDC issuer +http:/);
    expect(Object.keys(env)).toEqual(expect.arrayContaining(["DATABASE_URL", "TDA_DATABASE_OWNER_URL"]));
    const client = new pg.Client({ connectionString: env.DATABASE_URL! });
    client.on("error", () => undefined);
    await client.connect();
    expect((await client.query("select current_user as name")).rows).toEqual([{ name: "tda_server" }]);
    const tree = processTree(child.pid!);
    // The command, its Node, the supervisor, PostgreSQL and its children, Redis, S3.
    expect(tree.length).toBeGreaterThan(7);
    const folder = folderOf(tree);
    expect(existsSync(folder)).toBe(true);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    await gone(tree);
    expect([folder, envFile].filter((path) => existsSync(path))).toEqual([]);
  });

  it("leaves nothing when it is killed with -9", async () => {
    const { child } = await startCommand("postgres", "redis");
    const tree = processTree(child.pid!);
    expect(tree.length).toBeGreaterThan(6);
    const folder = folderOf(tree);
    child.kill("SIGKILL");
    await gone(tree);
    expect(existsSync(folder)).toBe(false);
  });

  it.runIf(process.platform === "linux")(
    "leaves no server when all its Node processes are killed with -9",
    async () => {
      const { child } = await startCommand("postgres", "redis");
      const tree = processTree(child.pid!);
      folders.push(folderOf(tree));
      const [command, node, supervisor] = tree;
      for (const pid of [supervisor!, node!, command!]) process.kill(pid, "SIGKILL");
      await gone(tree);
    },
  );

  it("knows its services", async () => {
    const child = spawn(process.execPath, [join(root, "tools", "services.mjs"), "mysql"], { cwd: root, stdio: "pipe" });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    expect(await once(child, "close")).toEqual([1, null]);
    expect(said).toBe("✗ There is no service mysql; there are postgres, redis, s3, oidc, kafka, registry, flink.\n");
  });
});

it("runs side by side with others of its kind, and stops without them", async () => {
  const [one, other] = await Promise.all([
    startServices({ postgres: true, redis: true }),
    startServices({ postgres: true, redis: true }),
  ]);
  try {
    expect(new Set([one.postgres.port, one.redis.port, other.postgres.port, other.redis.port]).size).toBe(4);
    const mine = [one.postgres.pid, one.redis.pid].flatMap((pid) => processTree(pid));
    await one.stop();
    await one.stop();
    expect(mine.filter(isRunning)).toEqual([]);
    const { url } = await other.postgres.newDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.end();
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
});

it("stops what is frozen or killed", async () => {
  const services = await startServices({ postgres: true, redis: true });
  const tree = processTree(services.postgres.pid);
  await services.postgres.freeze();
  await services.redis.kill();
  await services.stop();
  expect(tree.filter(isRunning)).toEqual([]);
});

it("says why a server does not start, and leaves nothing", async () => {
  const before = processTree(process.pid);
  const wrong = startServices({ postgres: { settings: { shared_buffers: "many" } }, redis: true });
  await expect(wrong).rejects.toThrow(/postgres ended with .*shared_buffers/s);
  expect(processTree(process.pid)).toEqual(before);
});
