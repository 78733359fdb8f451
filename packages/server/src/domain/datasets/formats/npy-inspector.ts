import type { DatasetKind } from "@tda-platform/contract/datasets";
import { type NpyHeader, npyHeaderEnd, readNpyHeader } from "../../input/npy-header.ts";
import { elementReader, INEXACT, rowsAndColumns } from "../../input/npy-input.ts";
import { ProblemError, problemAt } from "../../problem.ts";
import { type Inspector, rectangular, refuseValue, rowAndColumn, type TableShape } from "./inspector.ts";

interface Known {
  readonly header: NpyHeader;
  readonly shape: TableShape;
  readonly elementBytes: number;
  readonly read: (view: DataView, at: number) => number | undefined;
  /** Bytes of data that the shape needs. */
  readonly expected: bigint;
}

/** Inspects an NPY file: the header, then each element. Holds the header, or less than one element. */
export class NpyInspector implements Inspector {
  readonly #kind: DatasetKind;
  #held = Buffer.alloc(0);
  #known: Known | null = null;
  #element = 0;

  constructor(kind: DatasetKind) {
    this.#kind = kind;
  }

  push(piece: Buffer): void {
    let bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    if (this.#known === null) {
      const end = npyHeaderEnd(bytes);
      if (end === null || bytes.length < end) {
        this.#held = Buffer.from(bytes);
        return;
      }
      this.#known = this.#start(readNpyHeader(bytes));
      bytes = bytes.subarray(end);
    }
    const { elementBytes } = this.#known;
    const whole = bytes.length - (bytes.length % elementBytes);
    this.#check(this.#known, bytes.subarray(0, whole));
    this.#held = Buffer.from(bytes.subarray(whole));
  }

  finish(): TableShape {
    // Says what is wrong with a header that is not all there.
    const known = this.#known ?? this.#start(readNpyHeader(this.#held));
    const present = BigInt(this.#element) * BigInt(known.elementBytes) + BigInt(this.#held.length);
    if (present !== known.expected) throw otherSize(known.expected, present);
    return known.shape;
  }

  #start(header: NpyHeader): Known {
    const [rows, columns] = rowsAndColumns(header.shape, this.#kind);
    const elementBytes = Number(header.element.slice(1));
    return {
      header,
      shape: rectangular(this.#kind, rows, columns),
      elementBytes,
      read: elementReader(header),
      expected: BigInt(rows) * BigInt(columns) * BigInt(elementBytes),
    };
  }

  #check(known: Known, data: Buffer): void {
    const { read, elementBytes, expected } = known;
    if (BigInt(this.#element) * BigInt(elementBytes) + BigInt(data.length) > expected) {
      throw otherSize(expected, null);
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at < data.length; at += elementBytes) {
      const value = read(view, at);
      const index = this.#element++;
      if (value !== undefined && (this.#kind === "points" ? Number.isFinite(value) : value >= 0)) continue;
      const [row, column] = placeOf(known, index);
      if (value === undefined) {
        throw problemAt("not_a_number", `/${this.#kind}/${row}/${column}`, rowAndColumn(row, column) + INEXACT);
      }
      refuseValue(this.#kind, value, row, column, () => rowAndColumn(row, column));
    }
  }
}

function placeOf({ header, shape: { rows, columns } }: Known, index: number): [number, number] {
  return header.isFortranOrder
    ? [index % rows, Math.floor(index / rows)]
    : [Math.floor(index / columns), index % columns];
}

function otherSize(expected: bigint, present: bigint | null): ProblemError {
  const there = present === null ? "more" : present;
  return new ProblemError(
    "invalid_npy",
    `The content is not an NPY file. The shape needs ${expected} bytes of data and ${there} are there.`,
  );
}
