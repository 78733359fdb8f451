import { overflows, parseNumberField } from "../../input/number-field.ts";
import type { RowTable } from "../../input/row-table.ts";
import { noPlace } from "../../input/row-table.ts";
import { problemAt } from "../../problem.ts";
import { type Inspector, refuseValue, type TableShape } from "./inspector.ts";

/** The longest decimal that means anything has about 770 digits; a longer word is no number. */
const MAX_WORD_BYTES = 1024;
const NEWLINE = 0x0a;

type Take = (value: number) => void;

/**
 * Reads Ripser's lower-distance text in pieces of any size: the rows of the strict lower triangle one after the other,
 * separated by commas, semicolons or white space; line ends mean nothing (Bauer 2021, Ripser's `--format lower-distance`).
 * Holds one number. @throws ProblemError with the line, and the number in it, of what is no distance.
 */
class LowerDistanceReader {
  readonly #take: Take;
  #word = "";
  #line = 1;
  #column = 0;
  #count = 0;

  constructor(take: Take) {
    this.#take = take;
  }

  get count(): number {
    return this.#count;
  }

  push(piece: Buffer): void {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (!isSeparator(byte)) continue;
      if (at > start || this.#word !== "") this.#end(this.#word + piece.toString("latin1", start, at));
      start = at + 1;
      if (byte === NEWLINE) {
        this.#line++;
        this.#column = 0;
      }
    }
    this.#word += piece.toString("latin1", start, Math.min(piece.length, start + MAX_WORD_BYTES + 1));
    if (this.#word.length > MAX_WORD_BYTES) throw this.#refuse("is not a number");
  }

  finish(): void {
    if (this.#word !== "") this.#end(this.#word);
  }

  #end(word: string): void {
    this.#word = "";
    this.#column++;
    const value = parseNumberField(word);
    if (value === undefined) throw this.#refuse("is not a number");
    if (overflows(word, value)) throw this.#refuse("is too large for a float64");
    if (!(value >= 0)) {
      const [row, column] = triangleEntry(this.#count);
      refuseValue("distances", value, row, column, () => this.#place());
    }
    this.#count++;
    this.#take(value);
  }

  #place(): string {
    return `Line ${this.#line}, number ${this.#column}: `;
  }

  #refuse(what: string): Error {
    const [row, column] = triangleEntry(this.#count);
    return problemAt("not_a_number", `/distances/${row}/${column}`, `${this.#place()}The text ${what}.`);
  }
}

function isSeparator(byte: number): boolean {
  // Space, tab to carriage return, comma, semicolon.
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x2c || byte === 0x3b;
}

/** Row and column of the k-th entry of a strict lower triangle. */
function triangleEntry(k: number): [number, number] {
  let row = Math.floor((1 + Math.sqrt(1 + 8 * k)) / 2);
  // The root of a large number may be off by one.
  while ((row * (row - 1)) / 2 > k) row--;
  while ((row * (row + 1)) / 2 <= k) row++;
  return [row, k - (row * (row - 1)) / 2];
}

/** Points of a triangle of so many entries. @throws ProblemError when there is none. */
function pointsOf(entries: number): number {
  const [points, rest] = triangleEntry(entries);
  if (rest === 0) return points;
  const detail = `${entries} numbers are no lower triangle: n points have n(n - 1)/2 distances.`;
  throw problemAt("ragged_rows", `/distances/${points}`, detail);
}

export class LowerDistanceInspector implements Inspector {
  readonly #reader = new LowerDistanceReader(() => undefined);

  push(piece: Buffer): void {
    this.#reader.push(piece);
  }

  finish(): TableShape {
    this.#reader.finish();
    const points = pointsOf(this.#reader.count);
    return { rows: points, columns: points };
  }
}

/** The triangle as rows. Linear in the text. @throws ProblemError */
export function tableFromLowerDistance(bytes: Buffer): RowTable {
  // A number and its separator have two bytes at least.
  const values = new Float64Array(Math.ceil(bytes.length / 2));
  let next = 0;
  const reader = new LowerDistanceReader((value) => {
    values[next++] = value;
  });
  reader.push(bytes);
  reader.finish();
  const lengths = Uint32Array.from({ length: pointsOf(next) }, (_, row) => row);
  return { name: "distances", values: values.slice(0, next), lengths, place: noPlace };
}
