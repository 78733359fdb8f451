import type { DatasetKind } from "@tda-platform/contract/datasets";
import { problemAt } from "../../problem.ts";
import type { TableShape } from "./inspector.ts";

export interface WrongLength {
  readonly code: "ragged_rows" | "validation_failed";
  readonly detail: string;
}

/** Holds the rows of a text to one shape as they come: points of one length, a full matrix, or a lower triangle. */
export class RowLengths {
  readonly #kind: DatasetKind;
  #rows = 0;
  #first = 0;

  constructor(kind: DatasetKind) {
    this.#kind = kind;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Takes the next row's length; null: it fits. */
  add(length: number): WrongLength | null {
    const row = this.#rows++;
    if (row === 0) this.#first = length;
    if (this.#kind === "points" && length === 0 && row === 0) {
      return { code: "validation_failed", detail: "A point has at least one coordinate." };
    }
    const expected = this.#expected(row);
    if (length !== expected) {
      return { code: "ragged_rows", detail: `The row has ${length} entries instead of ${expected}.` };
    }
    return this.#isFull && row >= length
      ? { code: "ragged_rows", detail: `The matrix has more than ${length} rows.` }
      : null;
  }

  /** @throws ProblemError when a full matrix ends early. */
  finish(): TableShape {
    const rows = this.#rows;
    if (this.#kind === "points") return { rows, columns: this.#first };
    if (this.#isFull && rows < this.#first) {
      throw problemAt("ragged_rows", `/distances/${rows}`, `The matrix ends after ${rows} of ${this.#first} rows.`);
    }
    return { rows, columns: rows };
  }

  /** The first row tells the layout: no entry, one, or one for each point. */
  get #isFull(): boolean {
    return this.#kind === "distances" && this.#first > 1;
  }

  #expected(row: number): number {
    return this.#kind === "points" || this.#isFull ? this.#first : row + this.#first;
  }
}
