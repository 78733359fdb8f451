/** The WebAssembly engine gives the native engine's bytes: random inputs of each kind, number type, metric, dimension and field. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInProcessEngine, type Engine } from "../../src/index.ts";
import { defaultWasmFile } from "../../src/locate-build.ts";
import type { CircularCoordinates, EngineInput, FloatArray, Metric, VietorisRipsStatistics } from "../../src/types.ts";
import { createWasmEngine } from "../../src/wasm/index.ts";
import { bytesOf } from "../support/diagrams.ts";
import { oneOfEachFeature } from "../support/features.ts";
import { defaults, pointsOf, randomNumbers } from "../support/inputs.ts";

let native: Engine;
let wasm: Engine;

beforeAll(async () => {
  native = await createInProcessEngine();
  wasm = await createWasmEngine(await readFile(defaultWasmFile()));
});
afterAll(() => Promise.all([native.close(), wasm.close()]));

const metrics: readonly Metric[] = ["euclidean", "manhattan", "chebyshev", "cosine", "minkowski"];
type MakeInput = (rows: number, numbers: (count: number) => FloatArray, seed: number) => EngineInput;

const kinds: readonly (readonly [string, MakeInput])[] = [
  [
    "points",
    (rows, numbers, seed) => {
      const columns = 1 + (seed % 4);
      return pointsOf(numbers(rows * columns), columns, metrics[seed % metrics.length]);
    },
  ],
  [
    "a lower triangle",
    (rows, numbers) => ({ kind: "distances", layout: "lower", rows, values: numbers((rows * (rows - 1)) / 2) }),
  ],
  ["a full matrix with births", (rows, numbers) => fullWithBirths(rows, numbers(rows * rows))],
  ["sparse distances", (rows, numbers, seed) => someEdges(rows, numbers, seed)],
];

function fullWithBirths(rows: number, values: FloatArray): EngineInput {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++)
      values[i * rows + j] = values[j * rows + i] = 0.5 + (values[i * rows + j] as number) / 2;
    values[i * rows + i] = (values[i * rows + i] as number) / 2;
  }
  return { kind: "distances", layout: "full", rows, values };
}

function someEdges(rows: number, numbers: (count: number) => FloatArray, seed: number): EngineInput {
  const pairs = Array.from({ length: rows }, (_, i) => Array.from({ length: i }, (_, j) => [i, j] as const)).flat();
  const kept = randomNumbers(pairs.length, seed + 1_000);
  const entries = pairs.filter((_, index) => (kept[index] as number) < 0.4);
  return {
    kind: "sparse-distances",
    rows,
    rowIndices: Uint32Array.from(entries, ([i]) => i),
    columnIndices: Uint32Array.from(entries, ([, j]) => j),
    values: numbers(entries.length),
  };
}

/** Memory and time depend on the machine's word; all else must not. */
function comparable({ points, edges, simplices, threshold, enclosingRadius, truncated }: VietorisRipsStatistics) {
  return { points, edges, simplices, threshold, enclosingRadius, truncated };
}

describe.each(kinds)("%s", (_name, make) => {
  describe.each(["float64", "float32"])("of %s", (scalar) => {
    it.each([0, 1, 2, 3])("up to dimension %i", async (maxDimension) => {
      for (let round = 0; round < 12; round++) {
        const seed = 100 * maxDimension + round;
        const coarse = round % 3 === 0;
        const numbers = (count: number) => {
          const values = randomNumbers(count, seed).map(
            (value) => (coarse ? Math.round(8 * value) / 8 : value) + 0.125,
          );
          return scalar === "float32" ? Float32Array.from(values) : values;
        };
        const input = make([60, 45, 30, 20][maxDimension] as number, numbers, seed);
        const options = {
          ...defaults,
          maxDimension,
          coefficientField: round % 2 === 0 ? 2 : 3,
          edgeCollapse: (["auto", "on", "off"] as const)[round % 3] ?? "auto",
          threshold: round % 4 === 3 ? 0.7 : null,
        };
        const [expected, actual] = [await native.vietorisRips(input, options), await wasm.vietorisRips(input, options)];
        expect(bytesOf(actual)).toEqual(bytesOf(expected));
        expect(comparable(actual.statistics)).toEqual(comparable(expected.statistics));
        expect(actual.statistics.simdTarget).toBe("wasm128");
        expect(actual.diagrams[0]?.length).toBeGreaterThan(0);
      }
    });
  });
});

it.each<[string, number, number, number, number | null]>([
  ["16-bit ranks", 220, 3, 2, null],
  ["32-bit ranks", 500, 3, 1, null],
  ["a tree of near pairs", 20_000, 2, 1, 0.01],
])("larger inputs: %s", async (_name, count, columns, maxDimension, threshold) => {
  const input = pointsOf(randomNumbers(count * columns, count), columns);
  const options = { ...defaults, maxDimension, threshold };
  const [expected, actual] = [await native.vietorisRips(input, options), await wasm.vietorisRips(input, options)];
  expect(bytesOf(actual)).toEqual(bytesOf(expected));
  expect(comparable(actual.statistics)).toEqual(comparable(expected.statistics));
});

it.each([{ method: "sparse-rips", epsilon: 0.5 } as const, { method: "subsample", points: 30 } as const])(
  "approximates alike: %o",
  async (approximation) => {
    const input = pointsOf(randomNumbers(240, 4), 3);
    const options = { ...defaults, maxDimension: 2, approximation };
    const [expected, actual] = [await native.vietorisRips(input, options), await wasm.vietorisRips(input, options)];
    expect(bytesOf(actual)).toEqual(bytesOf(expected));
    const { method, errorKind, errorBound, coverRadius } = expected.statistics;
    expect(method).toBe(approximation.method);
    expect(actual.statistics).toMatchObject({ method, errorKind, errorBound, coverRadius });
  },
);
it.each(["simplices", "cocycles", "cycles"] as const)("represents alike: %s", async (representatives) => {
  const input = pointsOf(randomNumbers(120, 9), 3);
  for (const coefficientField of [2, 5]) {
    const options = { ...defaults, maxDimension: 2, representatives, coefficientField };
    const [expected, actual] = [await native.vietorisRips(input, options), await wasm.vietorisRips(input, options)];
    expect(actual.representatives).toEqual(expected.representatives);
    expect(actual.representatives?.length).toBe(3);
    expect(bytesOf(actual)).toEqual(bytesOf(expected));
  }
});

it("goes around a circle alike", async () => {
  const angles = randomNumbers(60, 8).map((turn) => 2 * Math.PI * turn);
  const values = Float64Array.from([...angles].flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  const options = {
    threshold: null,
    coefficientField: 47,
    threads: null,
    memoryLimitBytes: null,
    bar: null,
    scale: null,
  };
  const strip = ({ statistics: _, ...rest }: CircularCoordinates) => rest;
  const [expected, actual] = [
    await native.circularCoordinates(pointsOf(values, 2), options),
    await wasm.circularCoordinates(pointsOf(values, 2), options),
  ];
  expect(strip(actual)).toEqual(strip(expected));
  const none = pointsOf(Float64Array.of(0, 1, 2), 1);
  await expect(wasm.circularCoordinates(none, options)).rejects.toMatchObject({ code: "no_bar" });
});

it.each([1, 9, 150])("computes features alike: %i bars", async (size) => {
  const features = oneOfEachFeature(size, 3);
  const options = { memoryLimitBytes: null };
  const [expected, actual] = [
    await native.computeFeatures(features, options),
    await wasm.computeFeatures(features, options),
  ];
  expect(actual.values).toEqual(expected.values);
  expect(actual.values.length).toBe(features.length);
});

it("estimates alike, but for the bytes", async () => {
  const options = { ...defaults, maxDimension: 2 };
  for (const count of [40, 2_000]) {
    const input = pointsOf(randomNumbers(3 * count, 7), 3);
    const { bytes: _nativeBytes, ...expected } = await native.estimateVietorisRips(input, options);
    const { bytes: _wasmBytes, ...actual } = await wasm.estimateVietorisRips(input, options);
    expect(actual).toEqual(expected);
  }
});
