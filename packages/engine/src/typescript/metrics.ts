import { EngineError } from "../errors.ts";
import type { PointsInput } from "../types.ts";
import { binaryExponent, deterministicPower, scaleByPowerOfTwo } from "./deterministic-power.ts";

/** Distance of points i and j, in the scalar type of the input. */
export type PairDistance = (i: number, j: number) => number;

/** Float64 coordinates beyond these make squares that leave the range of float64. */
const LARGEST_PLAIN = 2 ** 500;
const LEAST_PLAIN = 2 ** -400;
const LEAST_SAFE_DISTANCE = 2 ** -480;
/** Half the square of two unit vectors' distance is rounding below this. */
const LEAST_HALF_SQUARE = 2 ** -98;

/**
 * Distances as every engine defines them (engine/src/simd/distance_kernels.inl): coordinates widened to float64, terms
 * added in the order of the coordinates, the result rounded once to the input's type. Cost of a call: O(columns).
 * @throws EngineError `zero_vector` for the cosine distance of a zero vector.
 */
export function pairDistance(input: PointsInput): PairDistance {
  const { values } = input;
  const distance = float64Distance(input);
  return values instanceof Float32Array ? (i, j) => Math.fround(distance(i, j)) : distance;
}

function float64Distance(input: PointsInput): PairDistance {
  switch (input.metric) {
    case "euclidean":
      return euclidean(input);
    case "manhattan":
      return manhattan(input);
    case "chebyshev":
      return chebyshev(input);
    case "cosine":
      return halfSquared(unitVectors(input), input.columns);
    case "minkowski":
      if (input.minkowskiP === 1) return manhattan(input);
      if (input.minkowskiP === 2) return euclidean(input);
      return minkowski(input, input.minkowskiP as number);
  }
}

function manhattan({ values, columns }: PointsInput): PairDistance {
  return (i, j) => {
    let sum = 0;
    for (let k = 0; k < columns; ++k) {
      sum += Math.abs((values[i * columns + k] as number) - (values[j * columns + k] as number));
    }
    return sum;
  };
}

function chebyshev({ values, columns }: PointsInput): PairDistance {
  return (i, j) => {
    let largest = 0;
    for (let k = 0; k < columns; ++k) {
      const difference = Math.abs((values[i * columns + k] as number) - (values[j * columns + k] as number));
      if (difference > largest) largest = difference;
    }
    return largest;
  };
}

function euclidean(input: PointsInput): PairDistance {
  const { values, columns } = input;
  const isExtreme = values instanceof Float64Array && values.some(isExtremeCoordinate);
  const largestDifference = chebyshev(input);
  return (i, j) => {
    let sum = 0;
    for (let k = 0; k < columns; ++k) {
      const difference = (values[i * columns + k] as number) - (values[j * columns + k] as number);
      sum += difference * difference;
    }
    const distance = Math.sqrt(sum);
    if (!isExtreme || (distance >= LEAST_SAFE_DISTANCE && distance <= Number.MAX_VALUE)) return distance;
    return scaledEuclidean(input, i, j, largestDifference(i, j));
  };
}

function isExtremeCoordinate(value: number): boolean {
  const size = Math.abs(value);
  return size > LARGEST_PLAIN || (size < LEAST_PLAIN && size > 0);
}

/** The same sum with the differences scaled by a power of two, which is exact. */
function scaledEuclidean({ values, columns }: PointsInput, i: number, j: number, largest: number): number {
  if (largest === 0 || largest === Number.POSITIVE_INFINITY) return largest;
  const exponent = binaryExponent(largest);
  let sum = 0;
  for (let k = 0; k < columns; ++k) {
    const difference = (values[i * columns + k] as number) - (values[j * columns + k] as number);
    const scaled = scaleByPowerOfTwo(difference, -exponent);
    sum += scaled * scaled;
  }
  return scaleByPowerOfTwo(Math.sqrt(sum), exponent);
}

/** The points scaled to length 1; a power of two before the sum keeps the squares in range. */
function unitVectors({ values, rows, columns }: PointsInput): Float64Array {
  const units = Float64Array.from(values);
  for (let i = 0; i < rows; ++i) {
    const unit = units.subarray(i * columns, (i + 1) * columns);
    const largest = unit.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest === 0) {
      throw new EngineError("zero_vector", `Point ${i} is the zero vector: it has no cosine distance.`, { row: i });
    }
    const exponent = binaryExponent(largest);
    let sum = 0;
    for (let k = 0; k < columns; ++k) {
      const value = scaleByPowerOfTwo(unit[k] as number, -exponent);
      unit[k] = value;
      sum += value * value;
    }
    const length = Math.sqrt(sum);
    for (let k = 0; k < columns; ++k) unit[k] = (unit[k] as number) / length;
  }
  return units;
}

/** 1 - cos of unit vectors, without the cancellation of that difference; within [0, 2]. */
function halfSquared(units: Float64Array, columns: number): PairDistance {
  return (i, j) => {
    let sum = 0;
    for (let k = 0; k < columns; ++k) {
      const difference = (units[i * columns + k] as number) - (units[j * columns + k] as number);
      sum += difference * difference;
    }
    const half = sum * 0.5;
    return half < LEAST_HALF_SQUARE ? 0 : Math.min(half, 2);
  };
}

/** m * (sum of (|x - y| / m)^p)^(1/p) with m the largest difference, so that no power overflows. */
function minkowski(input: PointsInput, exponent: number): PairDistance {
  const { values, columns } = input;
  const root = 1 / exponent;
  const largestDifference = chebyshev(input);
  return (i, j) => {
    const largest = largestDifference(i, j);
    if (!(largest <= Number.MAX_VALUE)) return largest;
    const scale = largest > 0 ? largest : 1;
    let sum = 0;
    for (let k = 0; k < columns; ++k) {
      const difference = Math.abs((values[i * columns + k] as number) - (values[j * columns + k] as number));
      sum += deterministicPower(difference / scale, exponent);
    }
    return largest * deterministicPower(sum, root);
  };
}
