import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHostPool, type HostPool } from "../src/pool.ts";
import type { HostPoolEvent, HostPoolOptions } from "../src/pool-options.ts";
import { defaults, longInput, longOptions, pointsOf, randomPoints, unitSquare } from "./support/inputs.ts";
import { isAlive, until } from "./support/processes.ts";

const pools: HostPool[] = [];

async function open(options: HostPoolOptions): Promise<HostPool> {
  const pool = await createHostPool(options);
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const pidsOf = (pool: HostPool) => pool.statistics().hosts.flatMap(({ processId }) => processId ?? []);

describe("a pool", () => {
  it("has its hosts up when it is made, and none when it is closed", async () => {
    const pool = await open({ size: 3 });
    const pids = pidsOf(pool);
    expect(new Set(pids).size).toBe(3);
    expect(pids.every(isAlive)).toBe(true);
    expect(pool.statistics().hosts.map(({ state }) => state)).toEqual(["idle", "idle", "idle"]);
    await pool.close();
    expect(pids.some(isAlive)).toBe(false);
  });

  it("computes on all hosts at once", async () => {
    const pool = await open({ size: 2 });
    const calls = Array.from({ length: 8 }, (_, index) => pool.vietorisRips(randomPoints(40, 3, index), defaults));
    expect(pool.statistics()).toMatchObject({ queued: 6, hosts: [{ state: "busy" }, { state: "busy" }] });
    await Promise.all(calls);
    const { queued, hosts } = pool.statistics();
    expect(queued).toBe(0);
    expect(hosts.reduce((sum, { computations }) => sum + computations, 0)).toBe(8);
  });

  it("computes in the order of asking", async () => {
    const pool = await open({ size: 1 });
    const order: number[] = [];
    const sizes = [200, 10, 100, 1, 50, 5];
    await Promise.all(
      sizes.map((size) => pool.vietorisRips(randomPoints(size, 3), defaults).then(() => order.push(size))),
    );
    expect(order).toEqual(sizes);
  });

  it("refuses what does not fit its queue, at once and typed", async () => {
    const pool = await open({ size: 1, maxQueued: 2 });
    const abort = new AbortController();
    const long = () => pool.vietorisRips(longInput, longOptions, { signal: abort.signal });
    const accepted = [long(), long(), long()].map((call) => call.catch((error) => error.code));
    await expect(long()).rejects.toMatchObject({ code: "engine_overloaded" });
    abort.abort();
    expect(await Promise.all(accepted)).toEqual(["cancelled", "cancelled", "cancelled"]);
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it("cancels what waits without touching what runs", async () => {
    const pool = await open({ size: 1 });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = pool.vietorisRips(longInput, longOptions, { signal: running.signal }).catch((error) => error.code);
    const second = pool.vietorisRips(unitSquare, defaults, { signal: waiting.signal });
    waiting.abort();
    await expect(second).rejects.toMatchObject({ code: "cancelled" });
    expect(pool.statistics()).toMatchObject({ queued: 0, hosts: [{ state: "busy" }] });
    running.abort();
    expect(await first).toBe("cancelled");
  });

  it("cancels a running computation cooperatively: the same host goes on", async () => {
    const events: HostPoolEvent[] = [];
    const pool = await open({ size: 1, cancelGraceMs: 30_000, onEvent: (event) => events.push(event) });
    const before = pidsOf(pool);
    const abort = new AbortController();
    const call = pool.vietorisRips(longInput, longOptions, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
    expect(pidsOf(pool)).toEqual(before);
    expect(events.map(({ type }) => type)).toEqual(["host-started"]);
  });

  it("cancels while the input is still on its way: the same host goes on", async () => {
    const pool = await open({ size: 1, cancelGraceMs: 30_000 });
    const before = pidsOf(pool);
    const abort = new AbortController();
    const call = pool.vietorisRips(randomPoints(1_000_000, 3), defaults, { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
    expect(pidsOf(pool)).toEqual(before);
  });

  it("fails what is under way and what waits when it is closed", async () => {
    const pool = await open({ size: 1 });
    const calls = [pool.vietorisRips(longInput, longOptions), pool.vietorisRips(unitSquare, defaults)].map((call) =>
      call.catch((error) => error.code),
    );
    await pool.close();
    expect(await Promise.all(calls)).toEqual(["engine_closed", "engine_closed"]);
    await expect(pool.vietorisRips(unitSquare, defaults)).rejects.toMatchObject({ code: "engine_closed" });
    await pool.close();
  });

  it("replaces a host whose memory has grown", async () => {
    const events: HostPoolEvent[] = [];
    const pool = await open({ size: 1, recycleBytes: 1, onEvent: (event) => events.push(event) });
    const [first] = pidsOf(pool);
    await pool.vietorisRips(unitSquare, defaults);
    await until(() => pool.statistics().hosts[0]?.state === "idle");
    await until(() => !isAlive(first ?? 0));
    expect(pidsOf(pool)).not.toContain(first);
    expect(events.map(({ type }) => type)).toEqual(["host-started", "host-recycled", "host-started"]);
  });

  it("keeps a host whose memory was large only while it computed", async () => {
    const recycleBytes = 128 * 2 ** 20;
    const pool = await open({ size: 1, recycleBytes });
    const before = pidsOf(pool);
    const isolated = pointsOf(
      Float64Array.from({ length: 8_000_000 }, (_, index) => index),
      4,
    );
    const { statistics } = await pool.vietorisRips(isolated, { ...defaults, maxDimension: 0, threshold: 0.5 });
    expect(statistics.peakBytes).toBeGreaterThan(recycleBytes);
    expect(pidsOf(pool)).toEqual(before);
    expect(pool.statistics().hosts[0]?.residentBytes).toBeLessThan(recycleBytes);
  });

  it("has hosts that do not grow by a thousand equal calls", async () => {
    const pool = await open({ size: 1 });
    const input = randomPoints(50, 3);
    const call = () => pool.vietorisRips(input, { ...defaults, maxDimension: 2 });
    for (let round = 0; round < 100; round++) await call();
    const before = pool.statistics().hosts[0]?.residentBytes ?? 0;
    for (let round = 0; round < 1000; round++) await call();
    const after = pool.statistics().hosts[0];
    expect(after?.computations).toBe(1100);
    expect((after?.residentBytes ?? 0) - before).toBeLessThan(2 ** 20);
  });

  it("lets idle hosts go after a while, and starts them again for work", async () => {
    const events: HostPoolEvent[] = [];
    const pool = await open({ size: 2, idleMs: 20, onEvent: (event) => events.push(event) });
    const first = pidsOf(pool);
    await until(() => pool.statistics().hosts.every(({ state }) => state === "resting"));
    await until(() => !first.some(isAlive));
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
    expect(events.filter(({ type }) => type === "host-started").length).toBe(3);
  });

  it("gives its memory limit to every computation, and the tighter one wins", async () => {
    const pool = await open({ size: 1, memoryLimitBytes: 100_000 });
    const input = randomPoints(2000, 3);
    await expect(pool.vietorisRips(input, defaults)).rejects.toMatchObject({ code: "memory_limit_exceeded" });
    const generous = { ...defaults, memoryLimitBytes: 10 ** 12 };
    await expect(pool.vietorisRips(input, generous)).rejects.toMatchObject({ code: "memory_limit_exceeded" });
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
    const tight = { ...defaults, memoryLimitBytes: 100 };
    await expect(pool.vietorisRips(unitSquare, tight)).rejects.toMatchObject({ code: "memory_limit_exceeded" });
  });

  it("carries a million points there and their diagram back", async () => {
    const pool = await open({ size: 1 });
    const values = Float64Array.from({ length: 3_000_000 }, (_, index) => index % 1_000_003);
    const { diagrams } = await pool.vietorisRips(pointsOf(values, 3), {
      ...defaults,
      maxDimension: 0,
      threshold: 0.25,
    });
    expect(diagrams[0]?.length).toBe(2_000_000);
    const buffers = diagrams.map((diagram) => diagram.buffer as ArrayBuffer);
    expect(structuredClone(diagrams, { transfer: buffers })[0]?.length).toBe(2_000_000);
  });

  it("passes on what a listener of progress throws, and goes on", async () => {
    const pool = await open({ size: 1 });
    const failure = new Error("listener");
    const onProgress = () => {
      throw failure;
    };
    await expect(pool.vietorisRips(longInput, longOptions, { onProgress })).rejects.toBe(failure);
    await expect(pool.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it.each([{ size: 0 }, { size: 1.5 }, { maxQueued: -1 }])("refuses the options %o", async (options) => {
    await expect(createHostPool(options)).rejects.toThrow(RangeError);
  });
});

describe("a pool whose executable is not a host", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tda-host-pool-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function program(text: string, mode = 0o755): string {
    const file = join(folder, "host");
    writeFileSync(file, text, { mode });
    return file;
  }

  const cases: [string, () => string][] = [
    ["is missing", () => join(folder, "nothing")],
    ["may not be executed", () => program("#!/bin/sh\n", 0o600)],
    ["is no program", () => program("\x7fELF of nothing")],
    ["is empty", () => program("")],
    ["exits", () => program("#!/bin/sh\nexit 3\n")],
    ["writes something else", () => program("#!/bin/sh\necho This is not the protocol, it is prose.\nread line\n")],
    ["says nothing", () => program("#!/bin/sh\nread line\n")],
  ];
  it.each(cases)("%s: is unavailable, and says what to run", async (_name, executable) => {
    const call = createHostPool({ size: 2, executable: executable(), startTimeoutMs: 500 });
    await expect(call).rejects.toMatchObject({
      name: "EngineError",
      code: "engine_unavailable",
      message: expect.stringContaining("npm start"),
    });
  });

  it("passes its complaints on as lines", async () => {
    const lines: string[] = [];
    const executable = program("#!/bin/sh\necho one >&2\necho two >&2\nexit 1\n");
    const onEvent = (event: HostPoolEvent) => {
      if (event.type === "host-log") lines.push(event.line);
    };
    await expect(createHostPool({ size: 1, executable, onEvent })).rejects.toMatchObject({
      code: "engine_unavailable",
    });
    expect(lines).toEqual(["one", "two"]);
  });
});
