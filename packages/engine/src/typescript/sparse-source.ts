import { EngineError } from "../errors.ts";
import type { SparseDistancesInput } from "../types.ts";
import type { DistanceSource } from "./distance-source.ts";

interface Edge {
  readonly distance: number;
  readonly entry: number;
}

/** Reads sparse distances into rows of earlier neighbours. Cost: O(entries log entries). */
export function sparseSource(input: SparseDistancesInput): DistanceSource {
  validateEntries(input);
  const births = readBirths(input);
  const rows = readRows(input).map((row) => [...row].sort(([a], [b]) => a - b));
  for (const [i, row] of rows.entries()) {
    for (const [j, { distance, entry }] of row) {
      for (const point of [i, j]) {
        if ((births[point] as number) <= distance) continue;
        const place = { row: entry, column: firstEntryOf(input, point, point) };
        throw new EngineError("diagonal_above_edge", `A birth is above the distance of entry ${entry}.`, place);
      }
    }
  }
  return {
    rows: input.rows,
    births,
    bytes: input.rows * 64 + input.values.length * 64,
    visitRow(row, visit) {
      for (const [column, { distance }] of rows[row] ?? []) {
        if (distance !== Number.POSITIVE_INFINITY) visit(column, distance);
      }
    },
  };
}

function validateEntries({ rows, values, rowIndices, columnIndices }: SparseDistancesInput): void {
  for (let entry = 0; entry < values.length; ++entry) {
    const point = Math.max(rowIndices[entry] as number, columnIndices[entry] as number);
    const value = values[entry] as number;
    const place = { row: entry };
    if (point >= rows) {
      throw new EngineError("index_out_of_range", `Entry ${entry} names point ${point} of ${rows}.`, place);
    }
    if (Number.isNaN(value)) throw new EngineError("not_a_number", `Entry ${entry} is not a number.`, place);
    if (value < 0) throw new EngineError("negative_distance", `Entry ${entry} is negative.`, place);
  }
}

function readBirths(input: SparseDistancesInput): Float64Array {
  const { rows, values, rowIndices, columnIndices } = input;
  const births = new Float64Array(rows);
  const isGiven = new Uint8Array(rows);
  for (let entry = 0; entry < values.length; ++entry) {
    const point = rowIndices[entry] as number;
    if (point !== columnIndices[entry]) continue;
    // Adding 0 turns -0 into 0.
    const value = (values[entry] as number) + 0;
    if (isGiven[point] === 1 && births[point] !== value) {
      throw conflictAt(entry, firstEntryOf(input, point, point));
    }
    isGiven[point] = 1;
    births[point] = value;
  }
  return births;
}

/** By the larger point of each pair: the smaller one, and the first entry that gave the pair. */
function readRows({ rows, values, rowIndices, columnIndices }: SparseDistancesInput): Map<number, Edge>[] {
  const edges: Map<number, Edge>[] = Array.from({ length: rows }, () => new Map());
  let conflict: { readonly i: number; readonly j: number; readonly entry: number; readonly first: number } | undefined;
  for (let entry = 0; entry < values.length; ++entry) {
    const i = Math.max(rowIndices[entry] as number, columnIndices[entry] as number);
    const j = Math.min(rowIndices[entry] as number, columnIndices[entry] as number);
    if (i === j) continue;
    const distance = (values[entry] as number) + 0;
    const row = edges[i] as Map<number, Edge>;
    const known = row.get(j);
    if (known === undefined) row.set(j, { distance, entry });
    else if (known.distance !== distance) {
      // Of several pairs in conflict the first in the order of pairs is told, by its first entry that differs.
      const isEarlier = conflict === undefined || i < conflict.i || (i === conflict.i && j < conflict.j);
      if (isEarlier) conflict = { i, j, entry, first: known.entry };
    }
  }
  if (conflict !== undefined) throw conflictAt(conflict.entry, conflict.first);
  return edges;
}

/** The place of a sparse conflict: the entry that differs, and the one that it differs from. */
function conflictAt(entry: number, first: number): EngineError {
  const message = `Entries ${first} and ${entry} give one pair of points different distances.`;
  return new EngineError("conflicting_entries", message, { row: entry, column: first });
}

function firstEntryOf({ rowIndices, columnIndices }: SparseDistancesInput, i: number, j: number): number {
  return rowIndices.findIndex((row, entry) => row === i && columnIndices[entry] === j);
}
