import type { DatasetKind } from "@tda-platform/contract/datasets";
import { problemAt } from "../../problem.ts";

/** Rows and columns of an inspected table; of distances both are the points. */
export interface TableShape {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Looks at a content as it arrives, in pieces of any size, holding a bounded part of it. The first bad value ends it with
 * a problem that names its place.
 */
export interface Inspector {
  /** @throws ProblemError */
  push(piece: Buffer): void;
  /** After the last piece; null: the content has to be read at its end, once it is stored. @throws ProblemError */
  finish(): TableShape | null;
}

/** Reads a part of a stored content. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/** What is wrong with a number as a coordinate or a distance; +Infinity is no edge. null: nothing. */
export function faultOf(
  kind: DatasetKind,
  value: number,
): { code: "not_a_number" | "negative_distance"; what: string } | null {
  if (kind === "points") {
    if (Number.isFinite(value)) return null;
    return { code: "not_a_number", what: `The coordinate is ${Number.isNaN(value) ? "not a number" : "infinite"}.` };
  }
  if (value >= 0) return null;
  return Number.isNaN(value)
    ? { code: "not_a_number", what: "The distance is not a number." }
    : { code: "negative_distance", what: "The distance is negative." };
}

/** Refuses a value that can't be one. `place` says where it stands in the file, for a person. @throws ProblemError */
export function refuseValue(kind: DatasetKind, value: number, row: number, column: number, place: () => string): void {
  const fault = faultOf(kind, value);
  if (fault !== null) throw problemAt(fault.code, `/${kind}/${row}/${column}`, place() + fault.what);
}

/** Place of a value in a file without lines, counted from 1. */
export function rowAndColumn(row: number, column: number): string {
  return `Row ${row + 1}, column ${column + 1}: `;
}

/** A table of so many rows that are all of one length, as points or as a full matrix of distances. @throws ProblemError */
export function rectangular(kind: DatasetKind, rows: number, columns: number): TableShape {
  if (rows === 0) return { rows: 0, columns: 0 };
  if (columns === 0) throw problemAt("validation_failed", `/${kind}/0`, "The rows of the table are empty.");
  if (kind === "distances" && rows !== columns) {
    const detail = `A matrix of distances has as many rows as columns, and this table has ${rows} and ${columns}.`;
    throw problemAt("ragged_rows", `/${kind}/${Math.min(rows, columns)}`, detail);
  }
  return { rows, columns };
}
