import type { PointsInput } from "@tda-platform/engine/types";
import { problemAt } from "../problem.ts";
import { pointerTo, type RowTable, raggedRow } from "./row-table.ts";

type Points = Omit<PointsInput, "metric" | "minkowskiP">;

/**
 * Points from rows: all of one length, every coordinate finite. -0 becomes 0. O(n d), in place.
 * @throws ProblemError `ragged_rows` or `not_a_number`.
 */
export function pointsFromTable(table: RowTable): Points {
  const rows = table.lengths.length;
  const columns = table.lengths[0] ?? 0;
  if (rows > 0 && columns === 0) {
    throw problemAt(
      "validation_failed",
      pointerTo(table, 0),
      `${table.place(0, 0)}A point has at least one coordinate.`,
    );
  }
  for (let i = 1; i < rows; i++) {
    if (table.lengths[i] !== columns) throw raggedRow(table, i, `${columns}`);
  }
  const { values } = table;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (!Number.isFinite(value)) throw notFinite(table, Math.floor(k / columns), k % columns, value);
    if (value === 0) values[k] = 0;
  }
  return { kind: "points", values, rows, columns };
}

function notFinite(table: RowTable, row: number, column: number, value: number): Error {
  const what = Number.isNaN(value) ? "is not a number" : "is infinite";
  const detail = `${table.place(row, column)}The coordinate ${what}.`;
  return problemAt("not_a_number", pointerTo(table, row, column), detail);
}
