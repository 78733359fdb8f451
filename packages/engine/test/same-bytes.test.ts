/** The two ways to the native engine give the same bytes, on any number of threads; the TypeScript engine the same values. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHostPool, createInProcessEngine, createTypeScriptEngine, type Engine } from "../src/index.ts";
import type { EngineInput, FloatArray, Metric, VietorisRipsOptions } from "../src/types.ts";
import { bytesOf } from "./support/diagrams.ts";
import { defaults, pointsOf, randomDistances, randomNumbers, randomPoints } from "./support/inputs.ts";

let pool: Engine;
let inProcess: Engine;
const typescript = createTypeScriptEngine();

beforeAll(async () => {
  pool = await createHostPool({ size: 1 });
  inProcess = await createInProcessEngine();
});
afterAll(async () => {
  await Promise.all([pool.close(), inProcess.close()]);
});

const asSingles = (values: FloatArray) => Float32Array.from(values);
const withTies = (values: FloatArray) => values.map((value) => Math.round(8 * value) / 4);

function symmetric(rows: number, triangle: FloatArray): EngineInput {
  const values = new Float64Array(rows * rows);
  let next = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      values[i * rows + j] = values[j * rows + i] = triangle[next++] as number;
    }
  }
  return { kind: "distances", layout: "full", values, rows };
}

/** Births up to 0.4, distances of 0.5 and more. */
function withBirths(rows: number, numbers: FloatArray): EngineInput {
  const values = numbers.map((value) => 0.5 + value / 2);
  for (let i = 0; i < rows; i++) {
    const diagonal = (i * (i + 3)) / 2;
    values[diagonal] = (numbers[diagonal] as number) * 0.4;
  }
  return { kind: "distances", layout: "lower-with-diagonal", rows, values };
}

const cloud = randomNumbers(120, 3);
const triangle = randomNumbers(300, 4);
const metrics: readonly Metric[] = ["euclidean", "manhattan", "chebyshev", "cosine", "minkowski"];
const inputs: readonly [string, EngineInput][] = [
  ...metrics.map((metric): [string, EngineInput] => [`doubles, ${metric}`, pointsOf(cloud, 3, metric)]),
  ...metrics.map((metric): [string, EngineInput] => [`singles, ${metric}`, pointsOf(asSingles(cloud), 3, metric)]),
  ["points with ties", pointsOf(withTies(cloud), 2)],
  ["a lower triangle", { kind: "distances", layout: "lower", rows: 25, values: triangle }],
  ["a lower triangle of singles", { kind: "distances", layout: "lower", rows: 25, values: asSingles(triangle) }],
  ["a lower triangle with births", withBirths(24, triangle)],
  ["a full matrix", symmetric(25, withTies(triangle))],
  [
    "sparse distances",
    {
      kind: "sparse-distances",
      rows: 40,
      values: triangle.subarray(0, 39),
      rowIndices: Uint32Array.from({ length: 39 }, (_, index) => index),
      columnIndices: Uint32Array.from({ length: 39 }, (_, index) => index + 1),
    },
  ],
];
const variants: readonly Partial<VietorisRipsOptions>[] = [
  { maxDimension: 2 },
  { maxDimension: 1, coefficientField: 3, threshold: 0.7 },
  { maxDimension: 3, coefficientField: 11, threshold: 0.5 },
];

describe.each(inputs)("%s", (_name, input) => {
  it.each(variants)("with %o", async (variant) => {
    const options = { ...defaults, ...variant };
    const [fromPool, here, plain] = await Promise.all([
      pool.vietorisRips(input, options),
      inProcess.vietorisRips(input, options),
      typescript.vietorisRips(input, options),
    ]);
    expect(bytesOf(fromPool)).toEqual(bytesOf(here));
    const { computeMs: _poolTime, ...poolStatistics } = fromPool.statistics;
    const { computeMs: _hereTime, ...hereStatistics } = here.statistics;
    expect(poolStatistics).toEqual(hereStatistics);
    expect(bytesOf(plain)).toEqual(bytesOf(fromPool));
    expect(fromPool.diagrams[0]?.length).toBeGreaterThan(0);
  });
});

it("does not depend on the number of threads", async () => {
  const input = randomPoints(120, 3);
  const results = [];
  for (const threads of [1, 2, 3, 4, 5]) {
    const options = { ...defaults, maxDimension: 2, threads };
    results.push(
      bytesOf(await pool.vietorisRips(input, options)),
      bytesOf(await inProcess.vietorisRips(input, options)),
    );
  }
  expect(new Set(results.map((bytes) => bytes.join("|"))).size).toBe(1);
});

it("estimates alike", async () => {
  const options = { ...defaults, maxDimension: 2 };
  for (const input of [randomPoints(300, 3), randomDistances(50)]) {
    const estimate = await pool.estimateVietorisRips(input, options);
    expect(await inProcess.estimateVietorisRips(input, options)).toEqual(estimate);
    expect(estimate.simplices.length).toBe(4);
  }
});

it("finds one circle among a million isolated points", async () => {
  const count = 1_000_000;
  const onCircle = 24;
  const values = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / onCircle;
    const isolated = i - onCircle;
    const place =
      i < onCircle
        ? [20 * Math.cos(angle), 20 * Math.sin(angle)]
        : [100 + 20 * (isolated % 1000), 20 * Math.floor(isolated / 1000)];
    values.set(place, 2 * i);
  }
  const options = { ...defaults, threshold: 10 };
  const [fromPool, here] = [
    await pool.vietorisRips(pointsOf(values, 2), options),
    await inProcess.vietorisRips(pointsOf(values, 2), options),
  ];
  expect(fromPool.diagrams[0]?.length).toBe(2 * count);
  expect(fromPool.diagrams[1]?.length).toBe(2);
  expect(fromPool.diagrams[1]?.[1]).toBe(Number.POSITIVE_INFINITY);
  expect(
    here.diagrams.map((diagram, index) => Buffer.compare(asBytes(diagram), asBytes(fromPool.diagrams[index]))),
  ).toEqual([0, 0]);
});

function asBytes(diagram: Float64Array | undefined): Uint8Array {
  return diagram === undefined
    ? new Uint8Array()
    : new Uint8Array(diagram.buffer, diagram.byteOffset, diagram.byteLength);
}
