import { EngineError } from "../errors.ts";
import type { DistancesInput } from "../types.ts";
import { type DistanceSource, requireDistance } from "./distance-source.ts";

/** A full matrix or a lower triangle, read in place. */
export function matrixSource(input: DistancesInput): DistanceSource {
  const { values, rows, layout } = input;
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
