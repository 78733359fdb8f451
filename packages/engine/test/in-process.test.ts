/** What only the in-process engine has: threads of this process, memory shared with V8, environments that come and go. */
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInProcessEngine, type Engine } from "../src/index.ts";
import { bytesOf } from "./support/diagrams.ts";
import {
  defaults,
  longInput,
  longOptions,
  pointsOf,
  randomNumbers,
  randomPoints,
  unitSquare,
} from "./support/inputs.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createInProcessEngine();
});
afterAll(() => engine.close());

const mebibyte = 2 ** 20;

describe("the addon", () => {
  it.each(["/nowhere/tda_node.node", import.meta.filename])("that is not one is unavailable: %s", async (addon) => {
    await expect(createInProcessEngine({ addon })).rejects.toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining("npm start"),
    });
  });

  it("does not block the event loop", async () => {
    const abort = new AbortController();
    const call = engine.vietorisRips(longInput, longOptions, { signal: abort.signal });
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
  });

  it("fails what runs and what waits when the engine is closed", async () => {
    const narrow = await createInProcessEngine({ maxConcurrent: 1, maxQueued: 1 });
    const calls = [narrow.vietorisRips(longInput, longOptions), narrow.vietorisRips(unitSquare, defaults)].map((call) =>
      call.catch((error) => error.code),
    );
    await expect(narrow.vietorisRips(unitSquare, defaults)).rejects.toMatchObject({ code: "engine_overloaded" });
    await narrow.close();
    expect(await Promise.all(calls)).toEqual(["engine_closed", "engine_closed"]);
  });

  it("passes on what a listener of progress throws", async () => {
    const failure = new Error("listener");
    const onProgress = () => {
      throw failure;
    };
    await expect(engine.vietorisRips(longInput, longOptions, { onProgress })).rejects.toBe(failure);
  });
});

describe("memory", () => {
  it("of large diagrams is counted as external while they live", async () => {
    const input = pointsOf(
      Float64Array.from({ length: 4 * mebibyte }, (_, index) => index),
      1,
    );
    const before = process.memoryUsage();
    const { diagrams } = await engine.vietorisRips(input, { ...defaults, maxDimension: 0, threshold: 0.5 });
    const after = process.memoryUsage();
    const bytes = diagrams[0]?.byteLength ?? 0;
    expect(bytes).toBe(64 * mebibyte);
    const counted = after.external - before.external;
    expect(counted).toBeGreaterThan(0.9 * bytes);
    expect(counted).toBeLessThan(1.5 * bytes);
  });

  it("of a thousand equal calls does not grow", async () => {
    const input = randomPoints(50, 3);
    const call = () => engine.vietorisRips(input, { ...defaults, maxDimension: 2 });
    for (let round = 0; round < 200; round++) await call();
    const before = process.memoryUsage.rss();
    for (let round = 0; round < 1000; round++) await call();
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * mebibyte);
  });

  it.each<[string, (values: Float64Array) => Float64Array]>([
    [
      "shared with other threads",
      (values) => {
        const shared = new Float64Array(new SharedArrayBuffer(values.byteLength));
        shared.set(values);
        return shared;
      },
    ],
    [
      "that can be resized",
      (values) => {
        const resizable = new Float64Array(
          new ArrayBuffer(values.byteLength, { maxByteLength: 2 * values.byteLength }),
        );
        resizable.set(values);
        return resizable;
      },
    ],
    ["in the middle of a buffer", (values) => new Float64Array([9, 9, ...values, 9]).subarray(2, 2 + values.length)],
  ])("%s can be an input", async (_name, place) => {
    const values = randomNumbers(60, 2);
    const expected = bytesOf(await engine.vietorisRips(pointsOf(values, 3), defaults));
    expect(bytesOf(await engine.vietorisRips(pointsOf(place(values), 3), defaults))).toEqual(expected);
  });
});

describe("a worker thread", () => {
  const program = new URL("support/engine-worker.ts", import.meta.url);

  interface Started {
    readonly worker: Worker;
    readonly message: unknown;
    readonly exit: Promise<number>;
  }

  /** Resolves with the worker's first message. */
  function start(mode: string): Promise<Started> {
    const worker = new Worker(program, { argv: [mode] });
    const exit = new Promise<number>((resolve) => worker.once("exit", resolve));
    return new Promise((resolve, reject) => {
      worker.once("message", (message) => resolve({ worker, message, exit }));
      worker.once("error", reject);
    });
  }

  it("has an engine of its own, several at once", async () => {
    const expected = bytesOf(await engine.vietorisRips(randomPoints(80, 3), defaults));
    const started = await Promise.all([start("compute"), start("compute"), start("compute")]);
    for (const { message } of started) expect(message).toEqual(expected);
    await Promise.all(started.map(({ worker }) => worker.terminate()));
  });

  it.each(["long", "short"])("may be ended at any moment, over and over (%s computations)", async (mode) => {
    for (let round = 0; round < 10; round++) {
      const { worker } = await start(mode);
      for (let turn = 0; turn < 20 * round; turn++) await setImmediate();
      await worker.terminate();
    }
    await expect(engine.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it("ends by itself when its computations have ended", async () => {
    const { exit } = await start("compute");
    expect(await exit).toBe(0);
  });
});
