import { ProblemError } from "../../../problem.ts";

/** @throws ProblemError `invalid_arrow` with the reason. */
export function invalidArrow(reason: string): ProblemError {
  return new ProblemError("invalid_arrow", `The content is not Arrow data. ${reason}`);
}

/**
 * Reads the few kinds of values that Arrow's metadata is made of from a flatbuffer (FlatBuffers internals: a table is an
 * offset to its vtable and its fields; vectors and tables are relative offsets). Every access is within the bytes, and
 * nothing is followed twice, so that hostile bytes end in a problem, soon.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#vtable = at - readInt32(view, at);
    this.#vtableBytes = readUint16(view, this.#vtable);
  }

  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, readUint32(view, 0));
  }

  uint8(field: number, otherwise: number): number {
    const at = this.#field(field);
    return at === null ? otherwise : readUint8(this.#view, at);
  }

  int16(field: number, otherwise: number): number {
    const at = this.#field(field);
    return at === null ? otherwise : readInt16(this.#view, at);
  }

  int32(field: number, otherwise: number): number {
    const at = this.#field(field);
    return at === null ? otherwise : readInt32(this.#view, at);
  }

  /** A length or an offset. @throws ProblemError when it is negative or beyond the integers of a number. */
  length(field: number): number {
    const at = this.#field(field);
    return at === null ? 0 : readLength(this.#view, at);
  }

  table(field: number): FlatTable | null {
    const at = this.#field(field);
    return at === null ? null : new FlatTable(this.#view, at + readUint32(this.#view, at));
  }

  text(field: number): string {
    const at = this.#field(field);
    if (at === null) return "";
    const vector = at + readUint32(this.#view, at);
    const length = readUint32(this.#view, vector);
    checked(this.#view, vector + 4, length);
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + vector + 4, length).toString("utf8");
  }

  tables(field: number, limit: number): FlatTable[] {
    const vector = this.#vector(field, 4, limit);
    return Array.from({ length: vector.length }, (_, i) => {
      const at = vector.at + 4 * i;
      return new FlatTable(this.#view, at + readUint32(this.#view, at));
    });
  }

  /** A vector of pairs of 64-bit integers, as Arrow's nodes and buffers are. */
  pairs(field: number, limit: number): (readonly [number, number])[] {
    const vector = this.#vector(field, 16, limit);
    return Array.from({ length: vector.length }, (_, i) => {
      const at = vector.at + 16 * i;
      return [readLength(this.#view, at), readLength(this.#view, at + 8)] as const;
    });
  }

  /** A vector of blocks of Arrow's file footer: offset, length of the metadata, length of the body. */
  blocks(field: number, limit: number): (readonly [number, number, number])[] {
    const vector = this.#vector(field, 24, limit);
    return Array.from({ length: vector.length }, (_, i) => {
      const at = vector.at + 24 * i;
      return [readLength(this.#view, at), readInt32(this.#view, at + 8), readLength(this.#view, at + 16)] as const;
    });
  }

  #vector(field: number, itemBytes: number, limit: number): { at: number; length: number } {
    const at = this.#field(field);
    if (at === null) return { at: 0, length: 0 };
    const vector = at + readUint32(this.#view, at);
    const length = readUint32(this.#view, vector);
    if (length > limit) throw invalidArrow(`Its metadata lists ${length} entries, and ${limit} are read.`);
    checked(this.#view, vector + 4, length * itemBytes);
    return { at: vector + 4, length };
  }

  #field(field: number): number | null {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#vtableBytes) return null;
    const offset = readUint16(this.#view, this.#vtable + entry);
    return offset === 0 ? null : this.#at + offset;
  }
}

function checked(view: DataView, at: number, bytes: number): void {
  if (!(at >= 0 && bytes >= 0 && at + bytes <= view.byteLength))
    throw invalidArrow("Its metadata points outside of itself.");
}

function readUint8(view: DataView, at: number): number {
  checked(view, at, 1);
  return view.getUint8(at);
}

function readUint16(view: DataView, at: number): number {
  checked(view, at, 2);
  return view.getUint16(at, true);
}

function readInt16(view: DataView, at: number): number {
  checked(view, at, 2);
  return view.getInt16(at, true);
}

function readInt32(view: DataView, at: number): number {
  checked(view, at, 4);
  return view.getInt32(at, true);
}

function readUint32(view: DataView, at: number): number {
  checked(view, at, 4);
  return view.getUint32(at, true);
}

function readLength(view: DataView, at: number): number {
  checked(view, at, 8);
  const value = Number(view.getBigInt64(at, true));
  if (value < 0 || !Number.isSafeInteger(value)) throw invalidArrow("A length in its metadata is out of range.");
  return value;
}
