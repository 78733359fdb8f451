import type { EngineErrorCode } from "../../src/errors.ts";
import type { EngineInput, VietorisRipsOptions } from "../../src/types.ts";
import { times } from "./diagrams.ts";
import { full, lower, points, projectivePlane, randomPoints, sparse, unitSquare } from "./inputs.ts";

const inf = Number.POSITIVE_INFINITY;
const noPoints: EngineInput = { ...randomPoints(0, 2), rows: 0 } as EngineInput;

/** Inputs with their exact diagrams, some of them gathered from the test suites of the field and recomputed. */
export interface KnownCase {
  readonly name: string;
  readonly input: EngineInput;
  readonly options?: Partial<VietorisRipsOptions>;
  readonly bars: readonly (readonly (readonly number[])[])[];
}

const loopOfFive = full([
  [0, 1.1, 2, 2, 1.2],
  [1.1, 0, 1, 2, 2],
  [2, 1, 0, 1, 2],
  [2, 2, 1, 0, 1],
  [1.2, 2, 2, 1, 0],
]);
const tenTimesTheSame = points([...times(10, [1, 1]), [2, 1], [1, 3]]);
const fourPoints = points([
  [0, 0],
  [1, 0.4],
  [0, 1],
  [1, 0.6],
]);
const threePoints = points([
  [1, 2],
  [3, 4],
  [5, 0],
]);
const octahedron = points([
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
]);
const tenEntries: readonly (readonly [number, number, number])[] = [
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

export const known: readonly KnownCase[] = [
  { name: "the unit square", input: unitSquare, bars: [[...times(3, [0, 1]), [0, inf]], [[1, Math.SQRT2]]] },
  {
    name: "the unit square at threshold 1, ties kept",
    input: unitSquare,
    options: { threshold: 1 },
    bars: [[...times(3, [0, 1]), [0, inf]], [[1, inf]]],
  },
  {
    name: "the unit square below its edges",
    input: unitSquare,
    options: { threshold: 0.5 },
    bars: [times(4, [0, inf]), []],
  },
  {
    name: "the projective plane over Z/2",
    input: projectivePlane,
    options: { maxDimension: 2 },
    bars: [[...times(12, [0, 1]), [0, inf]], [[1, 2]], [[1, 2]]],
  },
  ...[3, 5].map((coefficientField) => ({
    name: `the projective plane over Z/${coefficientField}`,
    input: projectivePlane,
    options: { maxDimension: 2, coefficientField },
    bars: [[...times(12, [0, 1]), [0, inf]], [], []],
  })),
  {
    name: "the projective plane at threshold 1",
    input: projectivePlane,
    options: { maxDimension: 2, threshold: 1 },
    bars: [[...times(12, [0, 1]), [0, inf]], [[1, inf]], [[1, inf]]],
  },
  {
    name: "the octahedron in dimension 2",
    input: octahedron,
    options: { maxDimension: 2 },
    bars: [[...times(5, [0, Math.SQRT2]), [0, inf]], [], [[Math.SQRT2, 2]]],
  },
  {
    name: "births on the diagonal",
    input: full([
      [1, 3],
      [3, 2],
    ]),
    options: { threshold: inf },
    bars: [
      [
        [1, inf],
        [2, 3],
      ],
      [],
    ],
  },
  ...[tenEntries, tenEntries.toReversed().map(([i, j, d]) => [j, i, d] as const)].map((entries, index) => ({
    name: `sparse distances in ${index === 0 ? "one" : "the other"} order and triangle`,
    input: sparse(5, entries),
    bars: [[...times(2, [0, 1]), [0, 2], [0, 5], [0, inf]], []],
  })),
  {
    name: "a stored zero is an edge, an absent pair is none",
    input: sparse(3, [[0, 1, 0]]),
    options: { threshold: 1 },
    bars: [times(2, [0, inf]), []],
  },
  {
    name: "an infinite distance is no edge",
    input: sparse(2, [[0, 1, inf]]),
    bars: [times(2, [0, inf]), []],
  },
  {
    name: "two points that are the same",
    input: full([
      [0, 0],
      [0, 0],
    ]),
    options: { threshold: 1 },
    bars: [[[0, inf]], []],
  },
  {
    name: "two points at distance inf",
    input: full([
      [0, inf],
      [inf, 0],
    ]),
    bars: [times(2, [0, inf]), []],
  },
  { name: "all pairs at distance inf", input: lower(3, [inf, inf, inf]), bars: [times(3, [0, inf]), []] },
  {
    name: "four points whose loop is short",
    input: fourPoints,
    bars: [
      [
        [0, 0.6 - 0.4],
        [0, 1],
        [0, Math.sqrt(1 + 0.4 * 0.4)],
        [0, inf],
      ],
      [[Math.sqrt(1 + 0.4 * 0.4), Math.sqrt(1 + 0.6 * 0.6)]],
    ],
  },
  {
    name: "a loop of five over Z/17",
    input: loopOfFive,
    options: { coefficientField: 17 },
    bars: [[...times(3, [0, 1]), [0, 1.1], [0, inf]], [[1.2, 2]]],
  },
  {
    name: "twelve points, ten of them equal",
    input: tenTimesTheSame,
    options: { maxDimension: 2 },
    bars: [
      [
        [0, 1],
        [0, 2],
        [0, inf],
      ],
      [],
      [],
    ],
  },
  { name: "no point", input: noPoints, options: { maxDimension: 2 }, bars: [[], [], []] },
  { name: "one point", input: points([[1, 2, 3]]), bars: [[[0, inf]], []] },
  {
    name: "two points",
    input: points([
      [0, 0],
      [3, 4],
    ]),
    bars: [
      [
        [0, 5],
        [0, inf],
      ],
      [],
    ],
  },
  { name: "points that are all equal", input: points(times(5, [7, 7])), bars: [[[0, inf]], []] },
  {
    name: "dimension 0 alone",
    input: threePoints,
    options: { maxDimension: 0 },
    bars: [
      [
        [0, Math.sqrt(8)],
        [0, Math.sqrt(20)],
        [0, inf],
      ],
    ],
  },
  {
    name: "manhattan distances",
    input: points(
      [
        [0, 0],
        [1, 2],
      ],
      "manhattan",
    ),
    bars: [
      [
        [0, 3],
        [0, inf],
      ],
      [],
    ],
  },
  {
    name: "chebyshev distances",
    input: points(
      [
        [0, 0],
        [1, 2],
      ],
      "chebyshev",
    ),
    bars: [
      [
        [0, 2],
        [0, inf],
      ],
      [],
    ],
  },
  {
    name: "cosine distances",
    input: points(
      [
        [1, 0],
        [0, 2],
      ],
      "cosine",
    ),
    bars: [
      [
        [0, 1],
        [0, inf],
      ],
      [],
    ],
  },
];

/** The place is exactly that of the error: no place where none is given. */
export interface ErrorCase {
  readonly name: string;
  /** Default: the unit square. */
  readonly input?: EngineInput;
  readonly options?: Partial<VietorisRipsOptions>;
  readonly code: EngineErrorCode;
  readonly place?: { row?: number; column?: number };
}

export const errors: readonly ErrorCase[] = [
  {
    name: "NaN among coordinates",
    input: points([
      [0, 0],
      [1, Number.NaN],
    ]),
    code: "not_a_number",
    place: { row: 1, column: 1 },
  },
  {
    name: "an infinite coordinate",
    input: points([
      [0, 0],
      [-inf, 0],
    ]),
    code: "not_a_number",
    place: { row: 1, column: 0 },
  },
  {
    name: "NaN among distances",
    input: full([
      [0, 1, 1],
      [1, 0, Number.NaN],
      [1, Number.NaN, 0],
    ]),
    code: "not_a_number",
    place: { row: 1, column: 2 },
  },
  { name: "a negative distance", input: lower(3, [1, 2, -1]), code: "negative_distance", place: { row: 2, column: 1 } },
  {
    name: "a matrix that is not symmetric",
    input: full([
      [0, 1, 2],
      [1, 0, 3],
      [2, 4, 0],
    ]),
    code: "asymmetric_distance",
    place: { row: 1, column: 2 },
  },
  {
    name: "a birth after the first edge",
    input: full([
      [0, 1],
      [1, 2],
    ]),
    code: "diagonal_above_edge",
    place: { row: 1, column: 0 },
  },
  {
    name: "a sparse index beyond the points",
    input: sparse(3, [
      [0, 1, 1],
      [1, 3, 1],
    ]),
    code: "index_out_of_range",
    place: { row: 1 },
  },
  {
    name: "a sparse pair with two distances",
    input: sparse(3, [
      [0, 1, 1],
      [1, 2, 1],
      [1, 0, 2],
    ]),
    code: "conflicting_entries",
    place: { row: 2 },
  },
  { name: "a negative sparse distance", input: sparse(3, [[0, 1, -1]]), code: "negative_distance", place: { row: 0 } },
  {
    name: "the direction of a zero vector",
    input: points(
      [
        [1, 0],
        [0, 0],
      ],
      "cosine",
    ),
    code: "zero_vector",
    place: { row: 1 },
  },
  { name: "a distance beyond doubles", input: points([[1e308], [-1e308]]), code: "distance_overflow" },
  { name: "a dimension beyond the limit", options: { maxDimension: 17 }, code: "invalid_dimension" },
  ...[0, 1, 4, 9, 32771].map(
    (coefficientField): ErrorCase => ({
      name: `the field ${coefficientField}`,
      options: { coefficientField },
      code: "invalid_field",
    }),
  ),
  { name: "a threshold of NaN", options: { threshold: Number.NaN }, code: "invalid_threshold" },
  {
    name: "a Minkowski exponent below 1",
    input: { ...points([[0], [1]]), metric: "minkowski", minkowskiP: 0.5 } as EngineInput,
    code: "invalid_metric",
  },
  {
    name: "values that do not fill the shape",
    input: { ...unitSquare, rows: 5 } as EngineInput,
    code: "invalid_option",
  },
  { name: "a memory limit that is too small", options: { memoryLimitBytes: 64 }, code: "memory_limit_exceeded" },
];
