import { EngineError } from "../errors.ts";

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

/** A distance or a birth: a number from 0, +Infinity included. */
export function requireDistance(value: number, row: number, column?: number): void {
  const place = column === undefined ? { row } : { row, column };
  const where = column === undefined ? `Entry ${row}` : `Entry (${row}, ${column})`;
  if (Number.isNaN(value)) throw new EngineError("not_a_number", `${where} of the distances is not a number.`, place);
  if (value < 0) throw new EngineError("negative_distance", `${where} of the distances is negative.`, place);
}
