import type { RipsRequest } from "./compute-input.ts";

/** Requests that the documentation shows and the tests run. */
export const COMPUTE_EXAMPLES = {
  unit_square: {
    summary: "The corners of the unit square have one loop, from 1 to √2",
    value: {
      points: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      max_dimension: 1,
    },
  },
  lower_triangle: {
    summary: "Distances as a lower triangle; null is no edge",
    value: { distances: [[], [1], [2, null]], max_dimension: 1 },
  },
  sparse: {
    summary: "Distances of some pairs",
    value: {
      sparse_distances: { n: 4, rows: [0, 1, 2, 0], cols: [1, 2, 3, 3], values: [1, 1, 1, 2] },
      threshold: 1.5,
      coefficient_field: 3,
    },
  },
} as const satisfies Record<string, { summary: string; value: RipsRequest }>;
