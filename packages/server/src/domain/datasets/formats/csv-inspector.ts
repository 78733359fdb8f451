import { isUtf8 } from "node:buffer";
import type { DatasetKind } from "@tda-platform/contract/datasets";
import { MAX_CSV_RECORD_BYTES } from "@tda-platform/contract/limits";
import { isHeader, numberAt, refuseOtherWidth } from "../../input/csv-input.ts";
import { type CsvPosition, type CsvRecord, csvRecords } from "../../input/csv-records.ts";
import { ProblemError, problemAt } from "../../problem.ts";
import { type Inspector, refuseValue, type TableShape } from "./inspector.ts";
import { RowLengths } from "./row-lengths.ts";

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** Inspects CSV record by record, with the rules of a CSV request body. Holds one record and one piece. */
export class CsvInspector implements Inspector {
  readonly #kind: DatasetKind;
  readonly #lengths: RowLengths;
  readonly #position: CsvPosition = { line: 1, emptyLines: 0 };
  readonly #pieces: Buffer[] = [];
  #heldBytes = 0;
  /** Whether what is held ends within a quoted field, where a line end ends no record. */
  #isQuoted = false;
  #header: CsvRecord | null = null;

  constructor(kind: DatasetKind) {
    this.#kind = kind;
    this.#lengths = new RowLengths(kind);
  }

  push(piece: Buffer): void {
    const end = this.#lastRecordEnd(piece);
    if (end > 0) {
      this.#read(Buffer.concat([...this.#pieces, piece.subarray(0, end)]));
      this.#pieces.length = 0;
      this.#heldBytes = 0;
    }
    if (end === piece.length) return;
    // A copy: whoever gave the piece may reuse it.
    this.#pieces.push(Buffer.from(piece.subarray(end)));
    this.#heldBytes += piece.length - end;
    if (this.#heldBytes <= MAX_CSV_RECORD_BYTES) return;
    const { line } = this.#position;
    throw new ProblemError("invalid_csv", `Line ${line}: a record of more than ${MAX_CSV_RECORD_BYTES} bytes.`);
  }

  finish(): TableShape {
    if (this.#heldBytes > 0) this.#read(Buffer.concat(this.#pieces));
    return this.#lengths.finish();
  }

  /** Just after the last line end of a piece that is outside of quotes; 0: there is none. */
  #lastRecordEnd(piece: Buffer): number {
    let at = 0;
    let end = 0;
    for (;;) {
      const quote = piece.indexOf(QUOTE, at);
      const until = quote === -1 ? piece.length : quote;
      if (!this.#isQuoted && until > at) {
        const newline = piece.lastIndexOf(NEWLINE, until - 1);
        if (newline >= at) end = newline + 1;
      }
      if (quote === -1) return end;
      this.#isQuoted = !this.#isQuoted;
      at = quote + 1;
    }
  }

  #read(bytes: Buffer): void {
    if (!isUtf8(bytes)) {
      throw new ProblemError("invalid_csv", `The content is not valid UTF-8, at or after line ${this.#position.line}.`);
    }
    for (const record of csvRecords(bytes.toString("utf8"), this.#position)) this.#take(record);
  }

  #take(record: CsvRecord): void {
    const row = this.#lengths.rows;
    if (row === 0 && this.#header === null && isHeader(record)) {
      this.#header = record;
      return;
    }
    if (row === 0 && this.#header !== null) refuseOtherWidth(this.#header, record, this.#kind);
    const { fields, line } = record;
    for (let column = 0; column < fields.length; column++) {
      const value = numberAt(record, column, this.#kind, row);
      refuseValue(this.#kind, value, row, column, () => `Line ${line}, column ${column + 1}: `);
    }
    const wrong = this.#lengths.add(fields.length);
    if (wrong !== null) throw problemAt(wrong.code, `/${this.#kind}/${row}`, `Line ${line}: ${wrong.detail}`);
  }
}
