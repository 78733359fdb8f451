import type { EngineProgress } from "../types.ts";
import type { Budget } from "./budget.ts";
import type { DistanceSource } from "./distance-source.ts";
import { findEnclosingRadius } from "./enclosing-radius.ts";
import { sortedIndices } from "./sorting.ts";
import type { Steps } from "./steps.ts";

/** The 1-skeleton of the filtration: points born and edges at or below the threshold. */
export interface FilteredGraph {
  /** Births of all points of the input; a point above the threshold is absent. */
  readonly births: Float64Array;
  readonly pointCount: number;
  readonly isPresent: (point: number) => boolean;
  readonly threshold: number;
  readonly enclosingRadius: number;
  readonly truncated: boolean;
  /** Edges sorted by length; of each the larger endpoint, the smaller one, the length. */
  readonly larger: Uint32Array;
  readonly smaller: Uint32Array;
  readonly lengths: Float64Array;
}

const BYTES_PER_EDGE = 4 + 4 + 8 + 4 + 4;

/** @param wantedThreshold already rounded to the input's type; null = the enclosing radius. */
export function* filteredGraph(
  source: DistanceSource,
  wantedThreshold: number | null,
  budget: Budget,
): Steps<FilteredGraph> {
  const { rows, births } = source;
  budget.charge(source.bytes, 0);

  const enclosingRadius = yield* findEnclosingRadius(source, budget.bytes);
  // Above the enclosing radius the complex is a cone: no bar begins or ends there.
  const threshold = Math.min(wantedThreshold ?? enclosingRadius, enclosingRadius);
  const isPresent = (point: number): boolean => {
    const birth = births[point] as number;
    return birth <= threshold && birth !== Number.POSITIVE_INFINITY;
  };
  let pointCount = 0;
  for (let point = 0; point < rows; ++point) pointCount += isPresent(point) ? 1 : 0;
  budget.addSimplices(pointCount, 0);

  const endpoints: number[] = [];
  const lengths: number[] = [];
  for (let row = 0; row < rows; ++row) {
    const before = lengths.length;
    source.visitRow(row, (column, distance) => {
      if (distance <= threshold) {
        endpoints.push(row, column);
        lengths.push(distance);
      }
    });
    budget.addSimplices(lengths.length - before, 1);
    budget.charge((lengths.length - before) * BYTES_PER_EDGE, 1);
    yield progressAt("edges", 0.05 + (0.05 * row) / rows, row, rows, budget);
  }

  const order = yield* sortedIndices(
    lengths.length,
    (a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b,
    progressAt("edges", 0.1, rows, rows, budget),
  );
  return {
    births,
    pointCount,
    isPresent,
    threshold,
    enclosingRadius,
    truncated: threshold < enclosingRadius,
    larger: Uint32Array.from(order, (edge) => endpoints[2 * edge] as number),
    smaller: Uint32Array.from(order, (edge) => endpoints[2 * edge + 1] as number),
    lengths: Float64Array.from(order, (edge) => lengths[edge] as number),
  };
}

function progressAt(
  stage: EngineProgress["stage"],
  fraction: number,
  columnsDone: number,
  columnsTotal: number,
  budget: Budget,
): EngineProgress {
  return { fraction, stage, dimension: 0, columnsDone, columnsTotal, bytes: budget.bytes };
}
