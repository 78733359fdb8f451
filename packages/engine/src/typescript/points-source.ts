import { EngineError } from "../errors.ts";
import type { PointsInput } from "../types.ts";
import type { DistanceSource } from "./distance-source.ts";
import { pairDistance } from "./metrics.ts";

/** Points: each distance is computed when it is asked for. */
export function pointsSource(input: PointsInput): DistanceSource {
  const { values, rows, columns } = input;
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
