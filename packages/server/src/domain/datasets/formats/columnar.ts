import type { DatasetKind } from "@tda-platform/contract/datasets";
import { MAX_TABLE_COLUMNS } from "@tda-platform/contract/limits";
import { INEXACT } from "../../input/npy-input.ts";
import { problemAt } from "../../problem.ts";
import { rectangular, refuseValue, rowAndColumn, type TableShape } from "./inspector.ts";

/** A value of a column: undefined for an integer that float64 can't hold, null where it is missing. */
export type ColumnValue = number | undefined | null;

interface Bad {
  readonly row: number;
  readonly column: number;
  readonly value: ColumnValue;
}

/**
 * Checks the values of a file that has them by column. A missing value is no edge of distances, and a bad coordinate. Of the
 * bad values of a batch of rows the first by row, then by column is told.
 */
export class ColumnarCheck {
  readonly #kind: DatasetKind;
  #columns = 0;
  #rows = 0;
  #bad: Bad | null = null;

  constructor(kind: DatasetKind) {
    this.#kind = kind;
  }

  /** @throws ProblemError for more columns than are read. */
  start(columns: number): void {
    if (columns > MAX_TABLE_COLUMNS) {
      throw problemAt("not_supported", "", `The table has ${columns} columns; ${MAX_TABLE_COLUMNS} are read.`);
    }
    this.#columns = columns;
  }

  /** Looks at values of a column, from row `first` of the batch on; the columns come in order. */
  column(column: number, first: number, count: number, valueAt: (index: number) => ColumnValue): void {
    const end = Math.min(count, (this.#bad?.row ?? Number.POSITIVE_INFINITY) - first);
    for (let i = 0; i < end; i++) {
      const value = valueAt(i);
      if (this.#isGood(value)) continue;
      this.#bad = { row: first + i, column, value };
      return;
    }
  }

  /** After the columns of a batch of rows. @throws ProblemError for its first bad value. */
  endBatch(rows: number): void {
    if (this.#bad !== null) throw this.#problem(this.#bad);
    this.#rows += rows;
  }

  finish(): TableShape {
    return rectangular(this.#kind, this.#rows, this.#columns);
  }

  #isGood(value: ColumnValue): boolean {
    if (value === undefined) return false;
    if (this.#kind === "points") return value !== null && Number.isFinite(value);
    return value === null || value >= 0;
  }

  #problem({ row: inBatch, column, value }: Bad): Error {
    const row = this.#rows + inBatch;
    const place = rowAndColumn(row, column);
    if (typeof value === "number") refuseValue(this.#kind, value, row, column, () => place);
    const what = value === null ? "The value is missing." : INEXACT;
    return problemAt("not_a_number", `/${this.#kind}/${row}/${column}`, place + what);
  }
}
