import { EngineError } from "../errors.ts";
import type { DistancesInput, EngineInput, PointsInput } from "../types.ts";
import type { Budget } from "./budget.ts";
import { MAX_PAIRS, MAX_SIMPLICES, sizeLimitError } from "./budget.ts";
import { pairDistance } from "./metrics.ts";
import { sparseSource } from "./sparse-source.ts";

/** The validated input as a weighted graph: births of the points, and the edges of each point to earlier ones. */
export interface DistanceSource {
  readonly rows: number;
  /** +Infinity: the point is never born. */
  readonly births: Float64Array;
  /**
   * Visits the finite distances d(row, column) with column < row, in increasing column.
   * @throws EngineError where reading a distance is what finds the input wrong.
   */
  visitRow(row: number, visit: (column: number, distance: number) => void): void;
  /** Bytes beyond the input's own. */
  readonly bytes: number;
}

/** @throws EngineError with the code and place that the native engine gives for the same data. */
export function distanceSource(input: EngineInput, budget: Budget): DistanceSource {
  if (!Number.isInteger(input.rows) || input.rows < 0) {
    throw new EngineError("invalid_option", `The number of points has to be a whole number; it is ${input.rows}.`);
  }
  if (input.rows > MAX_SIMPLICES) throw sizeLimitError(`${MAX_SIMPLICES} points`, budget.bytes, 0);
  if (input.kind === "sparse-distances") return sparseSource(input);
  if ((input.rows * (input.rows - 1)) / 2 > MAX_PAIRS) {
    throw sizeLimitError(`${MAX_PAIRS} pairs of points`, budget.bytes, 0);
  }
  return input.kind === "points" ? pointsSource(input) : matrixSource(input);
}

function pointsSource(input: PointsInput): DistanceSource {
  const { values, rows, columns } = input;
  requireLength(values.length, rows * columns);
  const minkowskiP = input.minkowskiP ?? Number.NaN;
  if (input.metric === "minkowski" && !(minkowskiP >= 1 && Number.isFinite(minkowskiP))) {
    throw new EngineError("invalid_metric", "The exponent of the Minkowski metric has to be a finite number from 1.");
  }
  for (let k = 0; k < values.length; ++k) {
    if (!Number.isFinite(values[k])) {
      const place = { row: Math.floor(k / columns), column: k % columns };
      throw new EngineError(
        "not_a_number",
        `Coordinate ${place.column} of point ${place.row} is no finite number.`,
        place,
      );
    }
  }
  const distance = pairDistance(input);
  return {
    rows,
    births: new Float64Array(rows),
    bytes: rows * 16,
    visitRow(row, visit) {
      for (let column = 0; column < row; ++column) {
        const value = distance(row, column);
        if (!Number.isFinite(value)) {
          throw new EngineError(
            "distance_overflow",
            `The distance of points ${row} and ${column} is too large for the input's number type.`,
            { row, column },
          );
        }
        visit(column, value);
      }
    },
  };
}

function matrixSource(input: DistancesInput): DistanceSource {
  const { values, rows, layout } = input;
  requireLength(
    values.length,
    layout === "full" ? rows * rows : layout === "lower" ? (rows * (rows - 1)) / 2 : (rows * (rows + 1)) / 2,
  );
  const rowStart = (row: number): number =>
    layout === "full" ? row * rows : layout === "lower" ? (row * (row - 1)) / 2 : (row * (row + 1)) / 2;

  const births = new Float64Array(rows);
  for (let row = 0; row < rows; ++row) {
    const start = rowStart(row);
    const end = layout === "full" ? rows : layout === "lower" ? row : row + 1;
    for (let column = 0; column < end; ++column) {
      const value = values[start + column] as number;
      requireDistance(value, row, column);
      if (column === row) births[row] = value + 0;
      if (layout === "full" && column < row && values[column * rows + row] !== value) {
        throw new EngineError(
          "asymmetric_distance",
          `The distance of points ${row} and ${column} is not that of points ${column} and ${row}.`,
          { row, column },
        );
      }
    }
  }
  for (let row = 0; row < rows; ++row) {
    const start = rowStart(row);
    for (let column = 0; column < row; ++column) {
      requireBirthBelowEdge(births, values[start + column] as number, row, column);
    }
  }
  return {
    rows,
    births,
    bytes: rows * 8,
    visitRow(row, visit) {
      const start = rowStart(row);
      for (let column = 0; column < row; ++column) {
        const value = values[start + column] as number;
        if (value !== Number.POSITIVE_INFINITY) visit(column, value + 0);
      }
    },
  };
}

function requireBirthBelowEdge(births: Float64Array, edge: number, row: number, column: number): void {
  if ((births[row] as number) > edge || (births[column] as number) > edge) {
    throw new EngineError(
      "diagonal_above_edge",
      `The birth of point ${(births[row] as number) > edge ? row : column} is above its edge (${row}, ${column}).`,
      { row, column },
    );
  }
}

function requireLength(length: number, wanted: number): void {
  if (length !== wanted) {
    throw new EngineError("invalid_option", `The input has ${length} values where its shape needs ${wanted}.`);
  }
}

/** A distance or a birth: a number from 0, +Infinity included. */
export function requireDistance(value: number, row: number, column?: number): void {
  const place = column === undefined ? { row } : { row, column };
  const where = column === undefined ? `Entry ${row}` : `Entry (${row}, ${column})`;
  if (Number.isNaN(value)) throw new EngineError("not_a_number", `${where} of the distances is not a number.`, place);
  if (value < 0) throw new EngineError("negative_distance", `${where} of the distances is negative.`, place);
}
