import type { EngineInput, FloatArray, Metric, VietorisRipsOptions } from "../../src/types.ts";

export const defaults: VietorisRipsOptions = {
  maxDimension: 1,
  threshold: null,
  coefficientField: 2,
  edgeCollapse: "auto",
  representatives: "none",
  threads: null,
  memoryLimitBytes: null,
};

export function pointsOf(values: FloatArray, columns: number, metric: Metric = "euclidean"): EngineInput {
  const minkowskiP = metric === "minkowski" ? 3 : null;
  return { kind: "points", values, rows: values.length / columns, columns, metric, minkowskiP };
}

export function points(rows: readonly (readonly number[])[], metric: Metric = "euclidean"): EngineInput {
  const columns = rows[0]?.length ?? 0;
  const minkowskiP = metric === "minkowski" ? 3 : null;
  return { kind: "points", values: Float64Array.from(rows.flat()), rows: rows.length, columns, metric, minkowskiP };
}

export function full(rows: readonly (readonly number[])[]): EngineInput {
  return { kind: "distances", layout: "full", values: Float64Array.from(rows.flat()), rows: rows.length };
}

export function lower(rows: number, values: readonly number[]): EngineInput {
  return { kind: "distances", layout: "lower", values: Float64Array.from(values), rows };
}

export function sparse(rows: number, entries: readonly (readonly [number, number, number])[]): EngineInput {
  return {
    kind: "sparse-distances",
    rows,
    rowIndices: Uint32Array.from(entries, ([i]) => i),
    columnIndices: Uint32Array.from(entries, ([, j]) => j),
    values: Float64Array.from(entries, ([, , distance]) => distance),
  };
}

/** Reproducible numbers in [0, 1): a linear congruential generator. */
export function randomNumbers(count: number, seed: number): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

export function randomPoints(count: number, columns: number, seed = 1): EngineInput {
  return pointsOf(randomNumbers(count * columns, seed), columns);
}

/** Distances without triangle inequality: in dimension 3 there is next to nothing that an algorithm can skip. */
export function randomDistances(rows: number, seed = 1): EngineInput {
  const values = randomNumbers((rows * (rows - 1)) / 2, seed);
  return { kind: "distances", layout: "lower", values, rows };
}

/** Minutes of work on any machine, in little memory to begin with. */
export const longInput = randomDistances(200);
export const longOptions: VietorisRipsOptions = { ...defaults, maxDimension: 3 };

export const unitSquare = points([
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]);

/** The 13-point metric of the real projective plane. */
export const projectivePlane = lower(
  13,
  ["1", "12", "122", "1222", "11212", "121212", "1122122", "12112222", "211221111", "2222211221", "22222221112"]
    .concat("222111111211")
    .flatMap((row) => [...row].map(Number)),
);
