import { EngineError } from "../errors.ts";
import type { DistancesInput, FloatArray } from "../types.ts";
import type { DistanceSource } from "./distance-source.ts";

/** A full matrix or a lower triangle, read in place. */
export function matrixSource(input: DistancesInput): DistanceSource {
  const { values, rows, layout } = input;
  const rowStart = (row: number): number =>
    layout === "full" ? row * rows : layout === "lower" ? (row * (row - 1)) / 2 : (row * (row + 1)) / 2;

  const rowEnd = (row: number): number => (layout === "full" ? rows : layout === "lower" ? row : row + 1);
  validateNumbers(values, rows, rowStart, rowEnd);
  if (layout === "full") validateSymmetry(values, rows);
  const births = new Float64Array(rows);
  // Adding 0 turns -0 into 0.
  if (layout !== "lower")
    for (let row = 0; row < rows; ++row) births[row] = (values[rowStart(row) + row] as number) + 0;
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

/** A distance or a birth is a number from 0, +Infinity included. What is no number is told before what is negative. */
function validateNumbers(
  values: FloatArray,
  rows: number,
  rowStart: (row: number) => number,
  rowEnd: (row: number) => number,
): void {
  let negative: EngineError | undefined;
  for (let row = 0; row < rows; ++row) {
    for (let column = 0; column < rowEnd(row); ++column) {
      const value = values[rowStart(row) + column] as number;
      if (value >= 0) continue;
      if (Number.isNaN(value)) {
        throw new EngineError("not_a_number", `The distance (${row}, ${column}) is not a number.`, { row, column });
      }
      negative ??= new EngineError("negative_distance", `The distance (${row}, ${column}) is negative.`, {
        row,
        column,
      });
    }
  }
  if (negative !== undefined) throw negative;
}

/** The first difference in reading order is told: it is right of the diagonal. */
function validateSymmetry(values: FloatArray, rows: number): void {
  for (let row = 0; row < rows; ++row) {
    for (let column = row + 1; column < rows; ++column) {
      if (values[row * rows + column] === values[column * rows + row]) continue;
      throw new EngineError(
        "asymmetric_distance",
        `The distance of points ${row} and ${column} is not that of points ${column} and ${row}.`,
        { row, column },
      );
    }
  }
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
