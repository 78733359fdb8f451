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
