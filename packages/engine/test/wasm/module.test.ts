/** What only the WebAssembly engine has: a module to load, a memory of its own, computations on the calling thread. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Engine, EngineProgress } from "../../src/index.ts";
import { defaultWasmFile } from "../../src/locate-build.ts";
import { createWasmEngine } from "../../src/wasm/index.ts";
import { bytesOf } from "../support/diagrams.ts";
import {
  defaults,
  longInput,
  longOptions,
  pointsOf,
  randomNumbers,
  randomPoints,
  unitSquare,
} from "../support/inputs.ts";

const mebibyte = 2 ** 20;
let bytes: Buffer<ArrayBuffer>;
let engine: Engine;
beforeAll(async () => {
  bytes = await readFile(defaultWasmFile());
  engine = await createWasmEngine(bytes);
});
afterAll(() => engine.close());
afterEach(() => vi.unstubAllGlobals());

describe("the module", () => {
  it("is below 1 MB when it is compressed", () => {
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThan(1_000_000);
  });

  it("asks for memory, a clock and a listener, and nothing else", () => {
    const names = (WebAssembly.Module as unknown as { imports(module: unknown): { name: string }[] })
      .imports(new (WebAssembly.Module as unknown as new (bytes: Buffer) => object)(bytes))
      .map(({ name }) => name);
    expect(names.sort()).toEqual(["clock_time_get", "memory", "on_progress"]);
  });

  it.each<[string, () => Promise<Engine>]>([
    ["that is not one", () => createWasmEngine(new Uint8Array([1, 2, 3]))],
    ["that is not there", () => createWasmEngine(new Response("", { status: 404 }))],
    ["whose server is not there", () => createWasmEngine("http://127.0.0.1:1/tda-engine.wasm")],
  ])("%s is unavailable", async (_name, create) => {
    await expect(create()).rejects.toMatchObject({ code: "engine_unavailable" });
  });

  it("can come as a response", async () => {
    const loaded = await createWasmEngine(new Response(bytes));
    expect(bytesOf(await loaded.vietorisRips(unitSquare, defaults))).toEqual(
      bytesOf(await engine.vietorisRips(unitSquare, defaults)),
    );
  });

  it("is not loaded where WebAssembly has no vectors, and says so", async () => {
    vi.stubGlobal("WebAssembly", { ...WebAssembly, validate: () => false });
    await expect(createWasmEngine(bytes)).rejects.toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining("SIMD"),
    });
    vi.stubGlobal("WebAssembly", undefined);
    await expect(createWasmEngine(bytes)).rejects.toMatchObject({ code: "engine_unavailable" });
  });
});

describe("memory", () => {
  it("has the limit that it was given: beyond it a computation fails, and the next one works", async () => {
    const small = await createWasmEngine(bytes, { maximumMemoryBytes: 8 * mebibyte });
    const tooLarge = small.vietorisRips(randomPoints(1_000, 3), defaults);
    await expect(tooLarge).rejects.toMatchObject({ name: "EngineError", code: "out_of_memory" });
    await expect(small.vietorisRips(randomPoints(1_000_000, 2), defaults)).rejects.toMatchObject({
      code: "out_of_memory",
      place: { bytes: 16_000_000 },
    });
    const expected = bytesOf(await engine.vietorisRips(randomPoints(80, 3), defaults));
    expect(bytesOf(await small.vietorisRips(randomPoints(80, 3), defaults))).toEqual(expected);
  });

  it("budgets are kept or refused with the bytes, over and over, without a leak", async () => {
    const small = await createWasmEngine(bytes, { maximumMemoryBytes: 16 * mebibyte });
    const input = randomPoints(300, 3);
    const whole = await small.vietorisRips(input, { ...defaults, maxDimension: 2 });
    let refused = 0;
    for (let round = 0; round < 200; round++) {
      const memoryLimitBytes = Math.ceil((whole.statistics.peakBytes * (round % 50)) / 40) + 1;
      const call = small.vietorisRips(input, { ...defaults, maxDimension: 2, memoryLimitBytes });
      const outcome = await call.catch((error) => error);
      if (outcome instanceof Error) {
        refused++;
        expect(outcome).toMatchObject({ code: "memory_limit_exceeded" });
        expect((outcome as unknown as { place: { bytes: number } }).place.bytes).toBeGreaterThan(memoryLimitBytes);
      } else {
        expect(bytesOf(outcome)).toEqual(bytesOf(whole));
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(200);
  });

  it("grows past its first size and past what is kept between computations", async () => {
    const values = Float64Array.from({ length: 2 * mebibyte }, (_, index) => index);
    const { diagrams } = await engine.vietorisRips(pointsOf(values, 1), {
      ...defaults,
      maxDimension: 0,
      threshold: 0.5,
    });
    expect(diagrams[0]?.length).toBe(2 * values.length);
    expect(diagrams[0]?.every((value, index) => value === (index % 2 === 0 ? 0 : Number.POSITIVE_INFINITY))).toBe(true);
    await expect(engine.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it("of the caller is copied, also out of a shared buffer", async () => {
    const values = randomNumbers(60, 2);
    const shared = new Float64Array(new SharedArrayBuffer(values.byteLength + 8), 8);
    shared.set(values);
    const expected = bytesOf(await engine.vietorisRips(pointsOf(values, 3), defaults));
    expect(bytesOf(await engine.vietorisRips(pointsOf(shared, 3), defaults))).toEqual(expected);
  });
});

describe("control", () => {
  it("tells its progress and ends with the whole", async () => {
    const seen: EngineProgress[] = [];
    const onProgress = (progress: EngineProgress) => seen.push(progress);
    await engine.vietorisRips(randomPoints(300, 3), { ...defaults, maxDimension: 2 }, { onProgress });
    expect(seen.at(-1)).toMatchObject({ fraction: 1, stage: "done" });
    expect(seen.every(({ bytes: used }) => used > 0)).toBe(true);
  });

  it("passes on what a listener of progress throws", async () => {
    const failure = new Error("listener");
    const onProgress = () => {
      throw failure;
    };
    await expect(engine.vietorisRips(longInput, longOptions, { onProgress })).rejects.toBe(failure);
    await expect(engine.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });

  it("is cancelled from a listener of progress, over and over, and gives its memory back", async () => {
    const small = await createWasmEngine(bytes, { maximumMemoryBytes: 64 * mebibyte });
    for (let round = 0; round < 10; round++) {
      const abort = new AbortController();
      const call = small.vietorisRips(longInput, longOptions, {
        signal: abort.signal,
        onProgress: () => abort.abort(),
      });
      await expect(call).rejects.toMatchObject({ code: "cancelled" });
    }
    await expect(small.vietorisRips(unitSquare, defaults)).resolves.toBeDefined();
  });
});
