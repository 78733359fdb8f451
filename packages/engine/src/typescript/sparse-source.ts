import { EngineError } from "../errors.ts";
import type { SparseDistancesInput } from "../types.ts";
import { type DistanceSource, requireDistance } from "./distance-source.ts";

/** Reads sparse distances into rows of earlier neighbours. Cost: O(entries log entries). */
export function sparseSource(input: SparseDistancesInput): DistanceSource {
  const { rows, values, rowIndices, columnIndices } = input;
  const births = new Float64Array(rows);
  const neighbours: Map<number, { distance: number; entry: number }>[] = Array.from({ length: rows }, () => new Map());
  const birthEntries = new Map<number, number>();

  for (let entry = 0; entry < values.length; ++entry) {
    const value = (values[entry] as number) + 0;
    const i = rowIndices[entry] as number;
    const j = columnIndices[entry] as number;
    if (i >= rows || j >= rows) {
      throw new EngineError("index_out_of_range", `Entry ${entry} names point ${Math.max(i, j)} of ${rows}.`, {
        row: entry,
      });
    }
    requireDistance(value, entry);
    if (i === j) {
      if (birthEntries.has(i) && births[i] !== value) throw conflictAt(entry, i, j);
      birthEntries.set(i, entry);
      births[i] = value;
      continue;
    }
    const row = neighbours[Math.max(i, j)] as Map<number, { distance: number; entry: number }>;
    const known = row.get(Math.min(i, j));
    if (known !== undefined && known.distance !== value) throw conflictAt(entry, i, j);
    if (known === undefined) row.set(Math.min(i, j), { distance: value, entry });
  }

  const sorted = neighbours.map((row, i) => {
    const edges = [...row].sort(([a], [b]) => a - b);
    for (const [j, { distance, entry }] of edges) {
      if ((births[i] as number) > distance || (births[j] as number) > distance) {
        throw new EngineError("diagonal_above_edge", `A birth is above the edge of entry ${entry}.`, { row: entry });
      }
    }
    return edges.filter(([, { distance }]) => distance !== Number.POSITIVE_INFINITY);
  });
  return {
    rows,
    births,
    bytes: rows * 64 + values.length * 64,
    visitRow(row, visit) {
      for (const [column, { distance }] of sorted[row] ?? []) visit(column, distance);
    },
  };
}

function conflictAt(entry: number, i: number, j: number): EngineError {
  return new EngineError("conflicting_entries", `Entry ${entry} gives points ${i} and ${j} a second, other distance.`, {
    row: entry,
  });
}
