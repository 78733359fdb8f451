import { circle, fullMatrix, projectivePlane, unitSquare } from "./inputs.ts";
import type { Bar } from "./shapes.ts";

/** A fact of the field, restated: an input and what must be in the answer. */
export interface Case {
  readonly name: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** Bars by dimension; a dimension that is not named is not checked. */
  readonly bars: Readonly<Record<number, readonly Bar[]>>;
}

const plane = { distances: projectivePlane, max_dimension: 2 };
const sparsePairs: readonly (readonly [number, number, number])[] = [
  [0, 4, 6],
  [0, 1, 8],
  [0, 3, 2],
  [0, 2, 4],
  [1, 4, 5],
  [1, 3, 9],
  [1, 2, 10],
  [2, 3, 3],
  [2, 4, 1],
  [3, 4, 1],
];
const sparseBars: Record<number, Bar[]> = {
  0: [
    [0, 1],
    [0, 1],
    [0, 2],
    [0, 5],
    [0, null],
  ],
  1: [],
};

function sparse(n: number, entries: readonly (readonly [number, number, number])[]): Record<string, unknown> {
  return {
    n,
    rows: entries.map(([row]) => row),
    cols: entries.map(([, column]) => column),
    values: entries.map(([, , value]) => value),
  };
}

function times(count: number, bar: Bar): Bar[] {
  return Array.from({ length: count }, () => bar);
}

export const cases: readonly Case[] = [
  {
    name: "unit square",
    request: { points: unitSquare },
    bars: { 0: [...times(3, [0, 1]), [0, null]], 1: [[1, Math.SQRT2]] },
  },
  {
    name: "unit square with the threshold exactly at its sides: ties are kept",
    request: { points: unitSquare, threshold: 1 },
    bars: { 0: [...times(3, [0, 1]), [0, null]], 1: [[1, null]] },
  },
  {
    name: "unit square with the threshold just below its sides",
    request: { points: unitSquare, threshold: 0.9999999999999999 },
    bars: { 0: times(4, [0, null]), 1: [] },
  },
  { name: "projective plane over Z/2", request: plane, bars: { 1: [[1, 2]], 2: [[1, 2]] } },
  { name: "projective plane over Z/3", request: { ...plane, coefficient_field: 3 }, bars: { 1: [], 2: [] } },
  { name: "projective plane over Z/5", request: { ...plane, coefficient_field: 5 }, bars: { 1: [], 2: [] } },
  {
    name: "projective plane over Z/2, threshold 1",
    request: { ...plane, threshold: 1 },
    bars: { 1: [[1, null]], 2: [[1, null]] },
  },
  {
    name: "projective plane over Z/3, threshold 1",
    request: { ...plane, threshold: 1, coefficient_field: 3 },
    bars: { 1: [], 2: [] },
  },
  {
    name: "projective plane as a full matrix",
    request: { distances: fullMatrix(projectivePlane, 0), max_dimension: 2 },
    bars: { 1: [[1, 2]], 2: [[1, 2]] },
  },
  {
    name: "births on the diagonal",
    request: {
      distances: [
        [1, 3],
        [3, 2],
      ],
    },
    bars: {
      0: [
        [1, null],
        [2, 3],
      ],
      1: [],
    },
  },
  {
    name: "births on the diagonal of a lower triangle",
    request: { distances: [[1], [3, 2]] },
    bars: {
      0: [
        [1, null],
        [2, 3],
      ],
    },
  },
  {
    name: "a point born above the threshold is absent",
    request: { distances: [[1], [3, 2]], threshold: 1.5 },
    bars: { 0: [[1, null]] },
  },
  { name: "sparse distances", request: { sparse_distances: sparse(5, sparsePairs) }, bars: sparseBars },
  {
    name: "sparse distances in another order",
    request: { sparse_distances: sparse(5, sparsePairs.toReversed()) },
    bars: sparseBars,
  },
  {
    name: "sparse distances in the other triangle",
    request: {
      sparse_distances: sparse(
        5,
        sparsePairs.map(([i, j, d]) => [j, i, d]),
      ),
    },
    bars: sparseBars,
  },
  {
    name: "sparse distances with each pair in both triangles",
    request: {
      sparse_distances: sparse(
        5,
        sparsePairs.flatMap(([i, j, d]) => [[i, j, d] as const, [j, i, d] as const]),
      ),
    },
    bars: sparseBars,
  },
  {
    name: "sparse births on the diagonal",
    request: {
      sparse_distances: sparse(2, [
        [0, 0, 1],
        [1, 1, 2],
        [1, 0, 3],
      ]),
    },
    bars: {
      0: [
        [1, null],
        [2, 3],
      ],
    },
  },
  {
    name: "a stored zero is an edge at 0, an absent pair is none",
    request: { sparse_distances: sparse(3, [[0, 1, 0]]) },
    bars: { 0: times(2, [0, null]), 1: [] },
  },
  {
    name: "two points at distance 0, threshold 1",
    request: {
      distances: [
        [0, 0],
        [0, 0],
      ],
      threshold: 1,
    },
    bars: { 0: [[0, null]] },
  },
  {
    name: "two points with no edge between them",
    request: {
      distances: [
        [0, null],
        [null, 0],
      ],
    },
    bars: { 0: times(2, [0, null]), 1: [] },
  },
  {
    name: "five points, every distance null",
    request: { distances: [[], [null], [null, null], [null, null, null], [null, null, null, null]] },
    bars: { 0: times(5, [0, null]), 1: [] },
  },
  { name: "no point", request: { points: [] }, bars: { 0: [], 1: [] } },
  { name: "no point as distances", request: { distances: [] }, bars: { 0: [], 1: [] } },
  { name: "no point as sparse distances", request: { sparse_distances: sparse(0, []) }, bars: { 0: [], 1: [] } },
  { name: "one point", request: { points: [[7]] }, bars: { 0: [[0, null]], 1: [] } },
  { name: "one point as distances", request: { distances: [[]] }, bars: { 0: [[0, null]] } },
  { name: "one born point as distances", request: { distances: [[2.5]] }, bars: { 0: [[2.5, null]] } },
  {
    name: "two points",
    request: { points: [[0], [3]] },
    bars: {
      0: [
        [0, 3],
        [0, null],
      ],
      1: [],
    },
  },
  {
    name: "two equal points",
    request: {
      points: [
        [1, 1],
        [1, 1],
      ],
    },
    bars: { 0: [[0, null]], 1: [] },
  },
  {
    name: "twelve points, ten of them equal",
    request: { points: [...Array.from({ length: 10 }, () => [0, 0]), [3, 4], [0, 1]], max_dimension: 2 },
    bars: {
      0: [
        [0, 1],
        [0, Math.hypot(3, 3)],
        [0, null],
      ],
      1: [],
      2: [],
    },
  },
  {
    name: "all points equal, many dimensions",
    request: { points: Array.from({ length: 20 }, () => [0.1, 0.2, 0.3]), max_dimension: 3 },
    bars: { 0: [[0, null]], 1: [], 2: [], 3: [] },
  },
  {
    name: "the thin rectangle that an approximation gets wrong",
    request: {
      points: [
        [0, 0],
        [1, 0.4],
        [0, 1],
        [1, 0.6],
      ],
    },
    bars: { 1: [[Math.sqrt(1 + 0.4 * 0.4), Math.sqrt(1 + 0.6 * 0.6)]] },
  },
  {
    name: "dimension 0 alone",
    request: {
      points: [
        [1, 2],
        [3, 4],
        [5, 0],
      ],
      max_dimension: 0,
    },
    bars: {
      0: [
        [0, Math.sqrt(8)],
        [0, Math.sqrt(20)],
        [0, null],
      ],
    },
  },
  {
    name: "octahedron: the corners of a sphere",
    request: {
      points: [
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, 0, 1],
        [0, 0, -1],
      ],
      max_dimension: 2,
    },
    bars: { 0: [...times(5, [0, Math.SQRT2]), [0, null]], 1: [], 2: [[Math.SQRT2, 2]] },
  },
  {
    name: "cross-polytope in eight dimensions",
    request: {
      distances: Array.from({ length: 16 }, (_, i) =>
        Array.from({ length: i }, (_, j) => (Math.floor(i / 2) === Math.floor(j / 2) ? 2 : 1)),
      ),
      max_dimension: 7,
    },
    bars: { 0: [...times(15, [0, 1]), [0, null]], 1: [], 6: [], 7: [[1, 2]] },
  },
  {
    name: "a circle of six points in the largest dimension that every server has",
    request: { points: circle(6), max_dimension: 10 },
    bars: { 3: [], 10: [] },
  },
  {
    name: "manhattan",
    request: { points: unitSquare, metric: "manhattan" },
    bars: { 0: [...times(3, [0, 1]), [0, null]], 1: [[1, 2]] },
  },
  {
    name: "chebyshev",
    request: { points: unitSquare, metric: "chebyshev" },
    bars: { 0: [...times(3, [0, 1]), [0, null]], 1: [] },
  },
  {
    name: "minkowski 1 is manhattan",
    request: { points: unitSquare, metric: "minkowski", minkowski_p: 1 },
    bars: { 1: [[1, 2]] },
  },
  {
    name: "minkowski 3",
    request: { points: unitSquare, metric: "minkowski", minkowski_p: 3 },
    bars: { 1: [[1, 2 ** (1 / 3)]] },
  },
  {
    name: "cosine",
    request: {
      points: [
        [2, 0],
        [0, 5],
        [-1, 0],
        [0, -0.5],
      ],
      metric: "cosine",
    },
    bars: { 0: [...times(3, [0, 1]), [0, null]], 1: [[1, 2]] },
  },
];
