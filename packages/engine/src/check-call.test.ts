import { expect, it } from "vitest";
import { checkCall } from "./check-call.ts";
import { EngineError, type EngineErrorCode } from "./errors.ts";
import type { EngineInput, VietorisRipsOptions } from "./types.ts";

const options: VietorisRipsOptions = {
  maxDimension: 1,
  threshold: null,
  coefficientField: 2,
  edgeCollapse: "auto",
  representatives: "none",
  threads: null,
  memoryLimitBytes: null,
};
const points: EngineInput = {
  kind: "points",
  values: new Float64Array(6),
  rows: 3,
  columns: 2,
  metric: "euclidean",
  minkowskiP: null,
};
const distances: EngineInput = { kind: "distances", layout: "lower", values: new Float32Array(3), rows: 3 };
const sparse: EngineInput = {
  kind: "sparse-distances",
  rows: 3,
  values: new Float64Array(2),
  rowIndices: new Uint32Array(2),
  columnIndices: new Uint32Array(2),
};

function codeOf(input: object, given: object = options): EngineErrorCode | null {
  try {
    checkCall(input as EngineInput, given as VietorisRipsOptions);
    return null;
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
}

it.each([points, distances, sparse])("accepts a well-formed input of kind $kind", (input) => {
  expect(codeOf(input)).toBeNull();
});

it.each<[string, object, EngineErrorCode]>([
  ["more values than rows and columns", { ...points, values: new Float64Array(7) }, "invalid_option"],
  ["values that are no floats", { ...points, values: new Int32Array(6) }, "invalid_option"],
  ["a negative number of points", { ...points, rows: -3, columns: -2 }, "invalid_option"],
  ["half a point", { ...points, rows: 1.5, columns: 4 }, "invalid_option"],
  ["a metric that does not exist", { ...points, metric: "taxi" }, "invalid_metric"],
  ["a metric named like a property of every object", { ...points, metric: "toString" }, "invalid_metric"],
  ["Minkowski without exponent", { ...points, metric: "minkowski" }, "invalid_metric"],
  ["an exponent without Minkowski", { ...points, minkowskiP: 3 }, "invalid_metric"],
  ["a layout that does not exist", { ...distances, layout: "upper" }, "invalid_option"],
  ["a full matrix that is a triangle", { ...distances, layout: "full" }, "invalid_option"],
  ["unequal numbers of indices", { ...sparse, rowIndices: new Uint32Array(3) }, "invalid_option"],
  ["signed indices", { ...sparse, columnIndices: new Int32Array(2) }, "invalid_option"],
  ["a kind that does not exist", { ...sparse, kind: "graph" }, "invalid_option"],
])("refuses %s", (_name, input, code) => {
  expect(codeOf(input)).toBe(code);
});

it.each<[string, object, EngineErrorCode]>([
  ["a negative dimension", { maxDimension: -1 }, "invalid_dimension"],
  ["a dimension of 1.5", { maxDimension: 1.5 }, "invalid_dimension"],
  ["a threshold that is no number", { threshold: Number.NaN }, "invalid_threshold"],
  ["a field that 32 bits would wrap to 2", { coefficientField: 2 ** 32 + 2 }, "invalid_field"],
  ["an edge collapse that does not exist", { edgeCollapse: "maybe" }, "invalid_option"],
  ["representatives that do not exist", { representatives: "all" }, "invalid_option"],
  ["no thread", { threads: 0 }, "invalid_option"],
  ["an approximation that does not exist", { approximation: { method: "guess" } }, "invalid_option"],
  ["an epsilon of 0", { approximation: { method: "sparse-rips", epsilon: 0 } }, "invalid_option"],
  ["an epsilon of 1", { approximation: { method: "sparse-rips", epsilon: 1 } }, "invalid_option"],
  ["an epsilon that is no number", { approximation: { method: "sparse-rips" } }, "invalid_option"],
  ["a subsample of nothing", { approximation: { method: "subsample", points: 0 } }, "invalid_option"],
  ["half a point", { approximation: { method: "subsample", points: 1.5 } }, "invalid_option"],
  ["a memory limit of nothing", { memoryLimitBytes: 0 }, "invalid_option"],
])("refuses %s", (_name, change, code) => {
  expect(codeOf(points, { ...options, ...change })).toBe(code);
});
