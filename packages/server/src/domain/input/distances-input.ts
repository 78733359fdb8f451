import type { DistancesInput, FloatArray } from "@tda-platform/engine/types";
import { ProblemError, problemAt } from "../problem.ts";
import { pointerTo, type RowTable, raggedRow } from "./row-table.ts";

type Layout = DistancesInput["layout"];

/**
 * Distances from rows, in one form whatever their layout: the lower triangle with its diagonal. +Infinity is no edge.
 * -0 becomes 0. A full matrix is checked for symmetry here, since one half of it is dropped. O(n^2).
 * @throws ProblemError `ragged_rows`, `not_a_number`, `negative_distance` or `asymmetric_distance`.
 */
export function distancesFromTable(table: RowTable): DistancesInput {
  const layout = layoutOf(table);
  refuseNonDistances(table);
  const rows = table.lengths.length;
  if (layout === "lower-with-diagonal") return { kind: "distances", layout, values: table.values, rows };
  const length = (rows * (rows + 1)) / 2;
  const values = table.values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  if (layout === "full") copyLowerHalf(table, rows, values);
  else addDiagonal(table.values, rows, values);
  return { kind: "distances", layout: "lower-with-diagonal", values, rows };
}

/** The first row decides what the others must be: n entries, none, or one. */
function layoutOf(table: RowTable): Layout {
  const rows = table.lengths.length;
  if (rows === 0) return "lower-with-diagonal";
  const first = table.lengths[0]!;
  const layout: Layout = first === 0 ? "lower" : first === 1 ? "lower-with-diagonal" : "full";
  for (let i = 0; i < rows; i++) {
    const expected = layout === "full" ? rows : layout === "lower" ? i : i + 1;
    if (table.lengths[i] !== expected) throw raggedRow(table, i, `${expected}`);
  }
  return layout;
}

function refuseNonDistances(table: RowTable): void {
  const { values } = table;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    // One comparison for the usual case; NaN fails it too.
    if (!(value >= 0)) throw notADistance(table, k, value);
    if (value === 0) values[k] = 0;
  }
}

function notADistance(table: RowTable, entry: number, value: number): Error {
  let row = 0;
  let start = 0;
  while (start + table.lengths[row]! <= entry) start += table.lengths[row++]!;
  const column = entry - start;
  const place = table.place(row, column);
  return Number.isNaN(value)
    ? problemAt("not_a_number", pointerTo(table, row, column), `${place}The distance is not a number.`)
    : problemAt("negative_distance", pointerTo(table, row, column), `${place}The distance is negative.`);
}

function copyLowerHalf(table: RowTable, rows: number, into: FloatArray): void {
  const { values } = table;
  let next = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const value = values[i * rows + j]!;
      if (value !== values[j * rows + i]) throw asymmetric(table, i, j);
      into[next++] = value;
    }
  }
}

function asymmetric(table: RowTable, row: number, column: number): Error {
  const lower = pointerTo(table, row, column);
  const upper = pointerTo(table, column, row);
  return new ProblemError("asymmetric_distance", `The distances at ${lower} and ${upper} differ.`, {
    places: [
      { pointer: lower, detail: `${table.place(row, column)}Differs from ${upper}.` },
      { pointer: upper, detail: `${table.place(column, row)}Differs from ${lower}.` },
    ],
  });
}

function addDiagonal(strict: FloatArray, rows: number, into: FloatArray): void {
  let from = 0;
  let next = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) into[next++] = strict[from++]!;
    into[next++] = 0;
  }
}
