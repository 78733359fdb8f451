import { EngineError } from "../errors.ts";
import type { PointsInput } from "../types.ts";

/** Distance of points i and j, in the scalar type of the input. */
export type PairDistance = (i: number, j: number) => number;

const identity = (value: number): number => value;

/**
 * Distances as every engine defines them: coordinates widened to float64, terms added in the order of the coordinates,
 * the sum rounded once to the input's type. Cost of a call: O(columns).
 */
export function pairDistance(input: PointsInput): PairDistance {
  const { values, columns } = input;
  const round = values instanceof Float32Array ? Math.fround : identity;
  switch (input.metric) {
    case "euclidean":
      return (i, j) => {
        let sum = 0;
        for (let k = 0; k < columns; ++k) {
          const difference = (values[i * columns + k] as number) - (values[j * columns + k] as number);
          sum += difference * difference;
        }
        return round(Math.sqrt(sum));
      };
    case "manhattan":
      return (i, j) => {
        let sum = 0;
        for (let k = 0; k < columns; ++k) {
          sum += Math.abs((values[i * columns + k] as number) - (values[j * columns + k] as number));
        }
        return round(sum);
      };
    case "chebyshev":
      return (i, j) => {
        let largest = 0;
        for (let k = 0; k < columns; ++k) {
          const difference = Math.abs((values[i * columns + k] as number) - (values[j * columns + k] as number));
          if (difference > largest) largest = difference;
        }
        return round(largest);
      };
    case "cosine":
      return cosineDistance(input, round);
    case "minkowski": {
      const exponent = input.minkowskiP as number;
      return (i, j) => {
        let sum = 0;
        for (let k = 0; k < columns; ++k) {
          sum += Math.abs((values[i * columns + k] as number) - (values[j * columns + k] as number)) ** exponent;
        }
        return round(sum ** (1 / exponent));
      };
    }
  }
}

function cosineDistance(input: PointsInput, round: (value: number) => number): PairDistance {
  const { values, rows, columns } = input;
  const norms = new Float64Array(rows);
  for (let i = 0; i < rows; ++i) {
    let sum = 0;
    for (let k = 0; k < columns; ++k) {
      const value = values[i * columns + k] as number;
      sum += value * value;
    }
    norms[i] = Math.sqrt(sum);
    if (norms[i] === 0) {
      throw new EngineError("zero_vector", `Point ${i} is the zero vector: it has no cosine distance.`, { row: i });
    }
  }
  return (i, j) => {
    let product = 0;
    for (let k = 0; k < columns; ++k) {
      product += (values[i * columns + k] as number) * (values[j * columns + k] as number);
    }
    return round(Math.max(0, 1 - product / ((norms[i] as number) * (norms[j] as number))));
  };
}
