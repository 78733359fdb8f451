import { isUtf8 } from "node:buffer";
import { ProblemError, problemAt } from "../problem.ts";
import { type CsvRecord, csvRecords } from "./csv-records.ts";
import { overflows, parseNumberField } from "./number-field.ts";
import type { RowTable } from "./row-table.ts";

/**
 * Rows of a CSV body as float64. A first line in which no field is a number is a header. `inf` is no edge; `nan`, empty
 * fields and text are refused with line and column. Linear in the body.
 * @throws ProblemError `invalid_csv`, `not_a_number` or `ragged_rows`.
 */
export function tableFromCsv(bytes: Buffer, name: RowTable["name"]): RowTable {
  if (!isUtf8(bytes)) throw new ProblemError("invalid_csv", "The body is not valid UTF-8.");
  const lines: number[] = [];
  const lengths: number[] = [];
  const values = new GrowingArray();
  let header: CsvRecord | null = null;
  for (const record of csvRecords(bytes.toString("utf8"))) {
    if (header === null && lengths.length === 0 && isHeader(record)) {
      header = record;
      continue;
    }
    const row = lengths.length;
    if (row === 0 && header !== null) refuseOtherWidth(header, record, name);
    for (let column = 0; column < record.fields.length; column++) {
      values.push(numberAt(record, column, name, row));
    }
    lengths.push(record.fields.length);
    lines.push(record.line);
  }
  return {
    name,
    values: values.toArray(),
    lengths: Uint32Array.from(lengths),
    place: (row, column) => `Line ${lines[row]}, column ${column + 1}: `,
  };
}

/** Whether a first record names columns: no field of it is a number. */
export function isHeader(record: CsvRecord): boolean {
  return record.fields.length > 0 && record.fields.every((field) => parseNumberField(field) === undefined);
}

/** A header of another width means that the columns are not what the sender believes. A lower triangle has none. */
export function refuseOtherWidth(header: CsvRecord, first: CsvRecord, name: RowTable["name"]): void {
  if (name === "distances" || header.fields.length === first.fields.length) return;
  const detail = `Line ${first.line}: ${first.fields.length} entries under a header of ${header.fields.length}.`;
  throw problemAt("ragged_rows", `/${name}/0`, detail);
}

/** @throws ProblemError `not_a_number` with line and column. */
export function numberAt(record: CsvRecord, column: number, name: RowTable["name"], row: number): number {
  const field = record.fields[column]!;
  const value = parseNumberField(field);
  if (value !== undefined && !overflows(field, value)) return value;
  const pointer = `/${name}/${row}/${column}`;
  const place = `Line ${record.line}, column ${column + 1}: `;
  if (value === undefined) {
    const what = field.trim() === "" ? "The field is empty." : "The field is not a number.";
    throw problemAt("not_a_number", pointer, place + what);
  }
  throw problemAt("not_a_number", pointer, `${place}The number is too large for a float64.`);
}

/** A Float64Array that doubles as it fills: a tenth of the memory of an array of numbers boxed for growth. */
class GrowingArray {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  toArray(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
