import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TemporaryDir, temporaryDir } from "../adapters/database/testing/temporary-dir.ts";
import { type ServerProcess, startServerProcess } from "./testing/server-process.ts";

let dir: TemporaryDir;
const servers: ServerProcess[] = [];
beforeEach(async () => {
  dir = await temporaryDir(0o755);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.child.kill("SIGTERM");
    await server.ended;
  }
  await dir.remove();
});

function start(env: Record<string, string>): ServerProcess {
  const server = startServerProcess({
    TDA_DATA_DIR: join(dir.path, "data"),
    TDA_DATABASE_SYSTEM_DIR: join(dir.path, "system"),
    ...env,
  });
  servers.push(server);
  return server;
}

/** Processes below another that answer requests. */
function answering(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const isChild = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(parent);
        return isChild && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("api-process.ts");
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function compute(url: string, agent?: Agent): Promise<number> {
  const body = JSON.stringify({
    points: [
      [0, 0],
      [1, 0],
      [Math.random(), 1],
    ],
  });
  return await new Promise((resolve, reject) => {
    const options = { method: "POST", agent: agent ?? false, headers: { "content-type": "application/json" } };
    const sent = request(`${url}/v1/compute/vietoris-rips`, options, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("several processes share the port, and are counted as one", async () => {
  const server = start({ API_WORKERS: "2" });
  const { url } = await server.said;
  expect(answering(server.pid)).toHaveLength(2);
  // A connection each: they are dealt out in turn.
  for (let i = 0; i < 10; i++) expect(await compute(url)).toBe(200);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^tda_api_requests_total\{.*compute\/vietoris-rips.*status="200"\} 10$/m);
  expect(metrics).toMatch(/^tda_computations_total\{outcome="succeeded"\} 10$/m);
});

test("a process that is killed is replaced, and the others answer meanwhile", async () => {
  const server = start({ API_WORKERS: "2" });
  const { url } = await server.said;
  const [killed, other] = answering(server.pid) as [number, number];
  process.kill(killed, "SIGKILL");
  await expect.poll(() => answering(server.pid).filter((pid) => pid !== killed).length, { timeout: 20_000 }).toBe(2);
  expect(answering(server.pid)).toContain(other);
  for (let i = 0; i < 4; i++) expect(await compute(url)).toBe(200);
});

test("SIGUSR2 renews them under load without a request that fails", async () => {
  const server = start({ API_WORKERS: "2" });
  const { url } = await server.said;
  const before = answering(server.pid);
  const statuses = new Map<number, number>();
  let isLoading = true;
  const clients = Array.from({ length: 4 }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (isLoading) {
      const status = await compute(url, agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    agent.destroy();
  });
  process.kill(server.pid, "SIGUSR2");
  await expect
    .poll(() => answering(server.pid).length === 2 && answering(server.pid).every((pid) => !before.includes(pid)), {
      timeout: 30_000,
    })
    .toBe(true);
  isLoading = false;
  await Promise.all(clients);
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(10);
});

test("they stop with the instance, and end when it is killed", async () => {
  const first = start({ API_WORKERS: "2" });
  await first.said;
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  const second = start({ API_WORKERS: "2" });
  await second.said;
  const processes = answering(second.pid);
  expect(processes).toHaveLength(2);
  second.child.kill("SIGKILL");
  await second.ended;
  const isThere = (pid: number) => {
    try {
      return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
      return false;
    }
  };
  await expect.poll(() => processes.some(isThere), { timeout: 20_000 }).toBe(false);
});

test("a port that is taken stops the start with its number", async () => {
  const { url } = await start({}).said;
  const port = new URL(url).port;
  const second = start({ API_WORKERS: "2", API_PORT: port, TDA_DATA_DIR: join(dir.path, "other") });
  expect((await second.said).message).toContain(port);
  expect(await second.ended).toBe(1);
});

test("an instance that does not serve answers health and metrics only", async () => {
  const { url } = await start({ TDA_ROLES: "work" }).said;
  for (const path of ["/health/live", "/health/ready", "/metrics"]) expect((await fetch(url + path)).status).toBe(200);
  expect(await compute(url)).toBe(404);
  expect((await fetch(`${url}/docs`)).status).toBe(404);
});
