/** Features through both native bindings: known values, errors with their places, the same bytes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packFeatures } from "../src/features.ts";
import { readValues } from "../src/host-messages.ts";
import { createTypeScriptEngine, type Engine, readFarthestPoints, readRobustZScore } from "../src/index.ts";
import type { Feature } from "../src/types.ts";
import { engines } from "./support/engines.ts";
import { oneOfEachFeature } from "./support/features.ts";

const options = { memoryLimitBytes: null };
const { POSITIVE_INFINITY: infinity } = Number;
const diagram = (...numbers: number[]) => Float64Array.of(...numbers);
const entropy = (...numbers: number[]): Feature => ({ kind: "persistence-entropy", first: diagram(...numbers) });
const grid = { start: 0, end: 2, points: 5 };

const known: readonly (readonly [string, Feature, readonly number[]])[] = [
  ["bottleneck", { kind: "bottleneck-distance", first: diagram(0, 1, 0, 1), second: diagram(0, 1) }, [0.5]],
  [
    "another number of essential bars",
    { kind: "bottleneck-distance", first: diagram(0, infinity), second: diagram() },
    [infinity],
  ],
  [
    "Wasserstein",
    { kind: "wasserstein-distance", first: diagram(0, 2, 4, 6), second: diagram(), order: 1, norm: "1" },
    [4],
  ],
  [
    "essential deaths replaced",
    {
      kind: "wasserstein-distance",
      first: diagram(0, infinity),
      second: diagram(0, 3),
      order: 2,
      norm: "infinity",
      essentialDeath: 4,
    },
    [1],
  ],
  ["total persistence", { kind: "total-persistence", first: diagram(0, 1, 0, 2, 1, 4), order: 2 }, [14]],
  ["entropy of nothing", entropy(), [0]],
  ["Betti curve", { kind: "betti-curve", first: diagram(0, 1, 0.5, 2, 1, infinity), grid }, [1, 2, 2, 2, 1]],
  [
    "landscape",
    { kind: "persistence-landscape", first: diagram(0, 2, 0, 1), grid, levels: 2 },
    [0, 0.5, 1, 0.5, 0, 0, 0.5, 0, 0, 0],
  ],
  [
    "image of nothing",
    { kind: "persistence-image", first: diagram(), births: grid, persistences: grid, order: 1, bandwidth: 1 },
    new Array(25).fill(0),
  ],
  [
    "Takens",
    { kind: "takens-embedding", first: diagram(1, 2, 3, 4, 5), columns: 1, dimension: 2, delay: 2, skip: 2 },
    [1, 3, 3, 5],
  ],
  [
    "farthest points",
    {
      kind: "farthest-points",
      first: diagram(0, 5, 3, 10),
      columns: 1,
      points: 2,
      metric: "euclidean",
      minkowskiP: null,
    },
    [5, 0, 3],
  ],
  ["z-score", { kind: "robust-z-score", first: diagram(1, 2, 3, 4, 5), second: diagram(3) }, [0]],
  ["no z-score", { kind: "robust-z-score", first: diagram(1), second: diagram(3) }, []],
];

describe.each(engines.filter(({ isNative }) => isNative))("the $name engine", ({ create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.close());

  it.each(known)("knows %s", async (_name, feature, expected) => {
    const { values } = await engine.computeFeatures([feature], options);
    expect(values.map((array) => Array.from(array))).toEqual([expected]);
  });

  it("computes all in one call, in order", async () => {
    const { values, statistics } = await engine.computeFeatures(
      known.map(([, feature]) => feature),
      options,
    );
    expect(values.map((array) => Array.from(array))).toEqual(known.map(([, , expected]) => expected));
    expect(statistics.peakBytes).toBeGreaterThan(0);
    expect(statistics.simdTarget).toMatch(/^[a-z0-9]+$/);
    expect((await engine.computeFeatures([], options)).values).toEqual([]);
  });

  it("tells the feature, the row and the column of what it refuses", async () => {
    const call = (...features: Feature[]) => engine.computeFeatures(features, options);
    await expect(call(entropy(), entropy(0, 1, 3, 2))).rejects.toMatchObject({
      code: "death_before_birth",
      place: { dimension: 1, row: 1 },
    });
    await expect(call(entropy(0, Number.NaN))).rejects.toMatchObject({
      code: "not_a_number",
      place: { dimension: 0, row: 0, column: 1 },
    });
    await expect(call({ ...entropy(), kind: "betti-curve", grid: { ...grid, points: 0 } })).rejects.toMatchObject({
      code: "invalid_option",
      place: { dimension: 0 },
    });
    await expect(call({ kind: "total-persistence", first: diagram(0, 1e300), order: 3 })).rejects.toMatchObject({
      code: "distance_overflow",
    });
  });

  it("keeps a memory limit, and lives on", async () => {
    const features = oneOfEachFeature(200, 1);
    const call = engine.computeFeatures(features, { memoryLimitBytes: 1000 });
    await expect(call).rejects.toMatchObject({ code: "memory_limit_exceeded" });
    expect((await engine.computeFeatures([entropy()], options)).values).toEqual([Float64Array.of(0)]);
  });

  it("is cancelled before it begins, and while it computes", async () => {
    const aborted = engine.computeFeatures([entropy()], options, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    const controller = new AbortController();
    const many = Array.from({ length: 200 }, (_, seed) => oneOfEachFeature(300, seed)).flat();
    const call = engine.computeFeatures(many, options, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
  });
});

it("both bindings give the same bytes", async () => {
  const all = await Promise.all(engines.filter(({ isNative }) => isNative).map(({ create }) => create()));
  for (const size of [1, 8, 120]) {
    const features = oneOfEachFeature(size, size);
    const [first, second] = await Promise.all(all.map((one) => one.computeFeatures(features, options)));
    expect(second?.values).toEqual(first?.values);
    expect(first?.values.length).toBe(features.length);
  }
  await Promise.all(all.map((one) => one.close()));
});

it("the TypeScript engine has none", async () => {
  const call = createTypeScriptEngine().computeFeatures([entropy()], options);
  await expect(call).rejects.toMatchObject({ code: "not_supported" });
});

it.each<[string, Feature]>([
  ["an unknown kind", { ...entropy(), kind: "toString" } as unknown as Feature],
  ["half a bar", entropy(0, 1, 2)],
  ["an array of another type", { kind: "persistence-entropy", first: [0, 1] } as unknown as Feature],
  [
    "an unknown norm",
    { kind: "wasserstein-distance", first: diagram(), second: diagram(), order: 1, norm: "3" as "1" },
  ],
  ["a missing number", { kind: "total-persistence", first: diagram() } as unknown as Feature],
  [
    "half a point",
    { kind: "farthest-points", first: diagram(1, 2, 3), columns: 2, points: 1, metric: "euclidean", minkowskiP: null },
  ],
])("refuses %s before it is packed", (_name, feature) => {
  expect(() => packFeatures([entropy(), feature])).toThrow(
    expect.objectContaining({ code: "invalid_option", place: { dimension: 1 } }),
  );
});

it("reads samples and scores", () => {
  expect(readFarthestPoints(Float64Array.of(0.5, 0, 7))).toEqual({ rows: Uint32Array.of(0, 7), coverRadius: 0.5 });
  expect(readRobustZScore(Float64Array.of(-3))).toBe(-3);
  expect(readRobustZScore(new Float64Array(0))).toBeNull();
});

it("a frame whose offsets are not its length is refused", () => {
  const payload = new ArrayBuffer(48 + 16 + 8);
  const view = new DataView(payload);
  view.setBigUint64(8, 1n, true);
  view.setBigUint64(56, 2n, true);
  expect(readValues(payload)).toBeNull();
  view.setBigUint64(56, 1n, true);
  expect(readValues(payload)?.values.values.length).toBe(1);
  view.setBigUint64(8, 100n, true);
  expect(readValues(payload)).toBeNull();
});
