import type { DistanceSource } from "./distance-source.ts";
import type { Steps } from "./steps.ts";

/** The least t at which some point sees all others: above it the complex is a cone, and no bar begins or ends. */
export function* findEnclosingRadius(source: DistanceSource, bytes: number): Steps<number> {
  const { rows } = source;
  if (rows === 0) return 0;
  // A point's own birth counts, for the sake of a single point.
  const farthest = source.births.slice();
  const born = farthest.reduce((count, birth) => count + (birth < Number.POSITIVE_INFINITY ? 1 : 0), 0);
  const degrees = new Uint32Array(rows);
  for (let row = 0; row < rows; ++row) {
    source.visitRow(row, (column, distance) => {
      degrees[row] = (degrees[row] as number) + 1;
      degrees[column] = (degrees[column] as number) + 1;
      if (distance > (farthest[row] as number)) farthest[row] = distance;
      if (distance > (farthest[column] as number)) farthest[column] = distance;
    });
    const fraction = (0.05 * row) / rows;
    yield { fraction, stage: "distances", dimension: 0, columnsDone: row, columnsTotal: rows, bytes };
  }
  let radius = Number.POSITIVE_INFINITY;
  for (let point = 0; point < rows; ++point) {
    if (degrees[point] === born - 1) radius = Math.min(radius, farthest[point] as number);
  }
  return radius;
}
