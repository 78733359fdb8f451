import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { defaultHostExecutable } from "../src/locate-build.ts";
import { createHostPool, type HostPool } from "../src/pool.ts";
import type { HostPoolEvent, HostPoolOptions } from "../src/pool-options.ts";
import { defaults, longInput, longOptions, randomPoints, unitSquare } from "./support/inputs.ts";
import { isAlive, until } from "./support/processes.ts";

const pools: HostPool[] = [];
let events: HostPoolEvent[] = [];

async function open(options: HostPoolOptions): Promise<HostPool> {
  events = [];
  const pool = await createHostPool({ ...options, onEvent: (event) => events.push(event) });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const count = (type: HostPoolEvent["type"]) => events.filter((event) => event.type === type).length;
const busyPid = (pool: HostPool) => pool.statistics().hosts.find(({ state }) => state === "busy")?.processId ?? null;

/** Ends the host that computes something, once it does; not one that was seen before. */
async function killBusyHost(pool: HostPool, except: readonly number[] = []): Promise<number> {
  const isTarget = (pid: number | null) => pid !== null && !except.includes(pid);
  await until(() => isTarget(busyPid(pool)));
  const pid = busyPid(pool) ?? 0;
  process.kill(pid, "SIGKILL");
  return pid;
}

describe("kill -9 of a host", () => {
  it("costs its computation nothing but time: it is computed again on a fresh host", async () => {
    const pool = await open({ size: 1 });
    const input = randomPoints(700, 3);
    const options = { ...defaults, maxDimension: 2 };
    const expected = await pool.vietorisRips(input, options);
    const fractions: number[] = [];
    let killed = 0;
    const onProgress = ({ fraction }: { fraction: number }) => {
      fractions.push(fraction);
      if (killed !== 0) return;
      killed = busyPid(pool) ?? 0;
      process.kill(killed, "SIGKILL");
    };
    const { diagrams } = await pool.vietorisRips(input, options, { onProgress });
    expect(diagrams).toEqual(expected.diagrams);
    expect(busyPid(pool)).toBeNull();
    expect(pool.statistics().hosts[0]?.processId).not.toBe(killed);
    expect(count("computation-retried")).toBe(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });

  it("twice on the same computation fails it with engine_crashed, and the pool goes on", async () => {
    const pool = await open({ size: 1 });
    const call = pool.vietorisRips(longInput, longOptions).catch((error) => error.code);
    const first = await killBusyHost(pool);
    await killBusyHost(pool, [first]);
    expect(await call).toBe("engine_crashed");
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
    expect(count("computation-retried")).toBe(1);
  });

  it("touches no other computation", async () => {
    const pool = await open({ size: 2 });
    const abort = new AbortController();
    const { signal } = abort;
    const first = pool.vietorisRips(longInput, longOptions, { signal }).catch((error) => error.code);
    const victim = busyPid(pool) ?? 0;
    const others = Array.from({ length: 6 }, (_, index) => pool.vietorisRips(randomPoints(60, 2, index), defaults));
    process.kill(victim, "SIGKILL");
    const results = await Promise.all(others);
    expect(results.map(({ diagrams }) => diagrams[0]?.length)).toEqual(results.map(() => 120));
    // The others, on another host, may be done before the loss is noticed.
    await until(() => count("host-lost") > 0);
    abort.abort();
    expect(await first).toBe("cancelled");
    expect(count("host-lost")).toBe(1);
  });

  it("while it has nothing to do is noticed, and it is replaced", async () => {
    const pool = await open({ size: 1 });
    const before = pool.statistics().hosts[0]?.processId ?? 0;
    process.kill(before, "SIGKILL");
    await until(() => count("host-lost") === 1 && pool.statistics().hosts[0]?.state === "idle");
    expect(pool.statistics().hosts[0]?.processId).not.toBe(before);
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it("over and over leaves a pool that works", async () => {
    const pool = await open({ size: 2 });
    for (let round = 0; round < 6; round++) {
      for (const { processId } of pool.statistics().hosts) if (processId !== null) process.kill(processId, "SIGKILL");
      const call = pool.vietorisRips(unitSquare, defaults);
      await call.catch((error) => expect(error.code).toBe("engine_crashed"));
    }
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it("that is being cancelled ends the call as cancelled, without a retry", async () => {
    const pool = await open({ size: 1 });
    const abort = new AbortController();
    const call = pool.vietorisRips(longInput, longOptions, { signal: abort.signal });
    abort.abort();
    await killBusyHost(pool);
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(count("computation-retried")).toBe(0);
  });
});

describe("a host that does not answer", () => {
  it.runIf(process.platform !== "win32")("to a cancel is killed after the grace, and replaced", async () => {
    const pool = await open({ size: 1, cancelGraceMs: 50 });
    const abort = new AbortController();
    const call = pool.vietorisRips(longInput, longOptions, { signal: abort.signal });
    const stuck = busyPid(pool) ?? 0;
    process.kill(stuck, "SIGSTOP");
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(isAlive(stuck)).toBe(false);
    expect(count("host-killed")).toBe(1);
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });
});

describe("an executable that is lost while the pool runs", () => {
  it("makes calls fail as unavailable, and a repaired one is found again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tda-host-chaos-"));
    try {
      const executable = join(folder, "host");
      copyFileSync(defaultHostExecutable(), executable);
      chmodSync(executable, 0o755);
      const pool = await open({ size: 1, executable });
      rmSync(executable);
      writeFileSync(executable, "not a program", { mode: 0o755 });
      const running = pool.vietorisRips(longInput, longOptions).catch((error) => error.code);
      await killBusyHost(pool);
      expect(await running).toBe("engine_crashed");
      await expect(pool.vietorisRips(unitSquare, defaults)).rejects.toMatchObject({ code: "engine_unavailable" });
      rmSync(executable);
      copyFileSync(defaultHostExecutable(), executable);
      chmodSync(executable, 0o755);
      await until(() => pool.statistics().hosts[0]?.state === "idle");
      await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the end of the process that has the pool", () => {
  const program = fileURLToPath(new URL("support/pool-owner.ts", import.meta.url));

  async function ownerWithHosts(mode: string): Promise<{ kill: () => void; pids: number[]; ended: Promise<unknown> }> {
    const owner = spawn(process.execPath, [program, mode], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => owner.once("close", resolve));
    const [line] = await createInterface(owner.stdout)
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [String(value)]);
    return { kill: () => owner.kill("SIGKILL"), pids: JSON.parse(line ?? "[]"), ended };
  }

  it.each(["idle", "busy"])("by kill -9 leaves no host behind (%s)", async (mode) => {
    const owner = await ownerWithHosts(mode);
    expect(owner.pids.length).toBe(2);
    expect(owner.pids.every(isAlive)).toBe(true);
    owner.kill();
    await owner.ended;
    await until(() => !owner.pids.some(isAlive));
  });

  it.each(["leave", "close"])(
    "comes by itself when there is nothing to do, and leaves no host behind (%s)",
    async (mode) => {
      const owner = await ownerWithHosts(mode);
      expect(await owner.ended).toBe(0);
      await until(() => !owner.pids.some(isAlive));
    },
  );
});
