import type { FloatArray } from "@tda-platform/engine/types";
import { problemAt } from "../problem.ts";

/** Rows of numbers as a body had them, before it is known what they mean. An absent distance is +Infinity. */
export interface RowTable {
  /** Name of the JSON field, or what the query says the rows are: the first token of every pointer. */
  readonly name: "points" | "distances";
  /** All rows, one after the other. */
  readonly values: FloatArray;
  /** Entries of each row. */
  readonly lengths: Uint32Array;
  /** Where an entry stands in the body, for a person; empty where the pointer says it. */
  readonly place: (row: number, column: number) => string;
}

/** No further place than the pointer. */
export const noPlace = (): string => "";

/** Pointer to a row or an entry. */
export function pointerTo(table: RowTable, row: number, column?: number): string {
  return column === undefined ? `/${table.name}/${row}` : `/${table.name}/${row}/${column}`;
}

/** Rows of the table as JSON arrays give them, already checked by the schema. */
export function tableFromArrays(name: RowTable["name"], rows: readonly (readonly (number | null)[])[]): RowTable {
  const lengths = new Uint32Array(rows.length);
  let total = 0;
  for (let i = 0; i < rows.length; i++) {
    lengths[i] = rows[i]!.length;
    total += rows[i]!.length;
  }
  const values = new Float64Array(total);
  let next = 0;
  for (const row of rows) {
    for (let j = 0; j < row.length; j++) values[next++] = row[j] ?? Number.POSITIVE_INFINITY;
  }
  return { name, values, lengths, place: noPlace };
}

/** The problem of a row that is too short or too long. */
export function raggedRow(table: RowTable, row: number, expected: string): Error {
  const place = table.place(row, 0);
  const count = table.lengths[row]!;
  return problemAt(
    "ragged_rows",
    pointerTo(table, row),
    `${place}The row has ${count} entries instead of ${expected}.`,
  );
}
