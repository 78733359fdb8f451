import { MAX_BATCH_BYTES } from "@tda-platform/contract/limits";
import { ProblemError, problemAt } from "../../../problem.ts";

/** Types of Thrift's compact protocol. */
const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;
const MAX_DEPTH = 8;

// parquet.thrift: PageHeader and the first field, num_values, of each kind of page's header.
const PAGE_TYPE = 1;
const UNCOMPRESSED_BYTES = 2;
const COMPRESSED_BYTES = 3;
const HEADERS_WITH_COUNT = [5, 7, 8];
const NUM_VALUES = 1;
/** Field 2 of the headers of data and dictionary pages, field 4 of a data page of version 2. */
const ENCODING: Readonly<Record<number, number>> = { 5: 2, 7: 2, 8: 4 };
/** PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY, BYTE_STREAM_SPLIT. A delta's block sizes are read before they could be checked. */
const ENCODINGS = new Set([0, 2, 3, 8, 9]);
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 8;
const NUM_NULLS = 2;
const DEFINITION_BYTES = 5;
const REPETITION_BYTES = 6;

type Fields = Map<number, number | Fields>;

function invalid(reason: string): ProblemError {
  return new ProblemError("invalid_parquet", `The content is not a Parquet file. ${reason}`);
}

/**
 * Walks over the pages of a column chunk and refuses what its headers promise and the chunk can't hold, before a page is
 * read: the library allocates what the headers say. A data page has at most the row group's rows, a dictionary at most a
 * value a byte. @throws ProblemError `invalid_parquet`
 */
export function refuseHostilePages(chunk: Uint8Array, rows: number): void {
  const reader = new ThriftReader(chunk);
  let values = 0;
  while (values < rows && reader.at < chunk.length) {
    const header = reader.struct(0);
    const uncompressed = numberIn(header, UNCOMPRESSED_BYTES);
    const compressed = numberIn(header, COMPRESSED_BYTES);
    if (!(uncompressed >= 0 && uncompressed <= MAX_BATCH_BYTES)) throw invalid("A page has a wrong size.");
    if (!(compressed >= 0 && compressed <= chunk.length - reader.at))
      throw invalid("A page ends outside of its chunk.");
    const [count, encoding] = countAndEncoding(header);
    if (!ENCODINGS.has(encoding)) {
      throw problemAt(
        "not_supported",
        "",
        "Delta encodings of Parquet are not supported: write plain or dictionary pages.",
      );
    }
    const isDictionary = numberIn(header, PAGE_TYPE) === DICTIONARY_PAGE;
    if (!(count >= 0 && count <= (isDictionary ? uncompressed : rows - values)))
      throw invalid("A page has a wrong number of values.");
    refuseWrongLevels(header, count, Math.min(compressed, uncompressed));
    if (!isDictionary) values += count;
    reader.at += compressed;
  }
  if (values !== rows) throw invalid("A column chunk is shorter than its row group.");
}

function numberIn(fields: Fields, field: number): number {
  const value = fields.get(field);
  return typeof value === "number" ? value : Number.NaN;
}

/** Of a data page of version 2: nulls are values, and the levels lie in the page. */
function refuseWrongLevels(header: Fields, count: number, bytes: number): void {
  const part = header.get(DATA_PAGE_V2);
  if (!(part instanceof Map)) return;
  const nulls = numberIn(part, NUM_NULLS);
  const levels = [numberIn(part, DEFINITION_BYTES), numberIn(part, REPETITION_BYTES)] as const;
  const isInside = levels.every((level) => level >= 0) && levels[0] + levels[1] <= bytes;
  if (!(nulls >= 0 && nulls <= count && isInside)) throw invalid("A page has wrong levels.");
}

function countAndEncoding(header: Fields): [number, number] {
  for (const field of HEADERS_WITH_COUNT) {
    const part = header.get(field);
    if (part instanceof Map) return [numberIn(part, NUM_VALUES), numberIn(part, ENCODING[field]!)];
  }
  throw invalid("A page has no header.");
}

/** Structs of Thrift's compact protocol, as numbers and structs by field; everything else is passed over. */
class ThriftReader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): Fields {
    if (depth > MAX_DEPTH) throw invalid("A page header is nested too deeply.");
    const fields: Fields = new Map();
    let field = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === STOP) return fields;
      const step = head >> 4;
      field = step === 0 ? this.#zigzag() : field + step;
      const value = this.#value(type, depth);
      if (value !== null) fields.set(field, value);
    }
  }

  #value(type: number, depth: number): number | Fields | null {
    if (type === TRUE || type === FALSE) return null;
    if (type === BYTE) return this.#byte();
    if (type < DOUBLE) return this.#zigzag();
    if (type === STRUCT) return this.struct(depth + 1);
    if (type === DOUBLE) this.#skip(8);
    else if (type === BINARY) this.#skip(this.#varint());
    else if (type === LIST || type === SET) this.#list(depth);
    else throw invalid("A page header has a field of an unknown type.");
    return null;
  }

  #list(depth: number): void {
    const head = this.#byte();
    const type = head & 0x0f;
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (depth > MAX_DEPTH || size > this.#bytes.length) throw invalid("A page header has a wrong list.");
    // In a list a boolean has a byte of its own.
    for (let i = 0; i < size; i++) this.#value(type === TRUE || type === FALSE ? BYTE : type, depth + 1);
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw invalid("A page header ends early.");
    return byte;
  }

  #skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.#bytes.length) throw invalid("A page header ends early.");
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    // 64-bit statistics may be longer; as a number they are nothing that is looked at.
    for (let i = 0; i < 2; i++) if (this.#byte() < 0x80) return value;
    throw invalid("A page header has a number that is too long.");
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
