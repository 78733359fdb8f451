import { MAX_BATCH_BYTES } from "@tda-platform/contract/limits";
import { elementReader } from "../../../input/npy-input.ts";
import { problemAt } from "../../../problem.ts";
import { invalidArrow } from "./flatbuffer.ts";
import { type ArrowColumn, type ArrowMessage, type ArrowValues, readArrowMessage } from "./metadata.ts";

/** A column of a record batch. */
export interface BatchColumn {
  readonly column: ArrowColumn;
  /** Undefined: an integer that float64 can't hold; null: missing. */
  value(row: number): number | undefined | null;
}

export interface ArrowEvents {
  schema(columns: readonly ArrowColumn[]): void;
  batch(rows: number, columns: readonly BatchColumn[]): void;
}

const CONTINUATION = 0xffff_ffff;
const MAX_METADATA_BYTES = 4 * 1_048_576;

type Expecting = "continuation" | "length" | "metadata" | "body" | "end";

/**
 * Reads the encapsulated messages of Arrow's IPC format in pieces of any size. Own and small, because metadata has to be
 * bounded before it is believed: a message is held as a whole, 64 MiB at most. Columns of plain numbers only.
 * @throws ProblemError `invalid_arrow`, `not_supported`.
 */
export class ArrowReader {
  readonly #events: ArrowEvents;
  #expecting: Expecting = "continuation";
  #wanted = 4;
  #pieces: Buffer[] = [];
  #held = 0;
  #columns: readonly ArrowColumn[] | null = null;
  #batch: Extract<ArrowMessage, { kind: "batch" }> | null = null;
  #bodyBytes = 0;

  /** With the columns that a file's footer tells; null: the first message does. */
  constructor(events: ArrowEvents, columns: readonly ArrowColumn[] | null = null) {
    this.#events = events;
    this.#columns = columns;
    if (columns !== null) events.schema(columns);
  }

  push(piece: Buffer): void {
    let at = 0;
    while (this.#expecting !== "end") {
      const count = Math.min(this.#wanted - this.#held, piece.length - at);
      if (count > 0) this.#pieces.push(piece.subarray(at, at + count));
      this.#held += count;
      at += count;
      if (this.#held < this.#wanted) {
        // What stays is copied: whoever gave the piece may reuse it.
        const last = this.#pieces.pop();
        if (last !== undefined) this.#pieces.push(count > 0 ? Buffer.from(last) : last);
        return;
      }
      const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
      this.#pieces = [];
      this.#held = 0;
      this.#take(bytes);
    }
  }

  /** @throws ProblemError when the content ended early. A stream may end without its end mark, between two messages. */
  finish(): void {
    const isBetween = this.#expecting === "continuation" && this.#held === 0;
    if (!(this.#expecting === "end" || isBetween)) throw invalidArrow("It ends within a message.");
    if (this.#columns === null) throw invalidArrow("It has no schema.");
  }

  #take(bytes: Buffer): void {
    switch (this.#expecting) {
      case "continuation":
        // Before Arrow 0.15 (2019) a message began with its length.
        if (bytes.readUInt32LE(0) !== CONTINUATION) throw invalidArrow("A message does not begin with its mark.");
        this.#expect("length", 4);
        break;
      case "length":
        this.#metadata(bytes.readUInt32LE(0));
        break;
      case "metadata":
        this.#message(readArrowMessage(bytes));
        break;
      case "body":
        this.#body(bytes);
        break;
      case "end":
        break;
    }
  }

  #metadata(length: number): void {
    if (length > MAX_METADATA_BYTES) throw invalidArrow(`A message has ${length} bytes of metadata.`);
    if (length === 0) this.#expect("end", 0);
    else this.#expect("metadata", length);
  }

  #message(message: ArrowMessage): void {
    if (message.bodyBytes > MAX_BATCH_BYTES) {
      throw problemAt(
        "not_supported",
        "",
        `A record batch has ${message.bodyBytes} bytes; ${MAX_BATCH_BYTES} are read at a time.`,
      );
    }
    if (message.kind === "schema") {
      if (this.#columns !== null) throw invalidArrow("It has two schemas.");
      this.#columns = message.columns;
      this.#events.schema(message.columns);
    } else {
      if (this.#columns === null) throw invalidArrow("A record batch comes before the schema.");
      if (message.columns.length !== this.#columns.length)
        throw invalidArrow("A record batch has other columns than the schema.");
      this.#batch = message;
    }
    this.#bodyBytes = message.bodyBytes;
    if (this.#bodyBytes > 0) this.#expect("body", this.#bodyBytes);
    else this.#body(Buffer.alloc(0));
  }

  #body(bytes: Buffer): void {
    const batch = this.#batch;
    this.#batch = null;
    this.#expect("continuation", 4);
    if (batch === null || this.#columns === null) return;
    const columns = this.#columns.map((column, i) => batchColumn(column, batch.columns[i]!, batch.rows, bytes));
    this.#events.batch(batch.rows, columns);
  }

  #expect(what: Expecting, bytes: number): void {
    this.#expecting = what;
    this.#wanted = bytes;
  }
}

/** The values of a column, once its buffers are known to lie in the body and to hold as many values as there are rows. */
function batchColumn(column: ArrowColumn, values: ArrowValues, rows: number, body: Buffer): BatchColumn {
  const [dataAt, dataBytes] = values.data;
  const [validAt, validBytes] = values.validity;
  const isInside = dataAt + dataBytes <= body.length && validAt + validBytes <= body.length;
  if (!isInside || dataBytes < rows * column.elementBytes)
    throw invalidArrow("A column's buffer lies outside of its record batch.");
  const hasNulls = values.nullCount > 0;
  if (hasNulls && validBytes < Math.ceil(rows / 8))
    throw invalidArrow("A column's validity is shorter than the column.");
  const read = elementReader({ element: column.element, isBigEndian: false });
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return {
    column,
    value: (row) => {
      if (hasNulls && ((body[validAt + (row >> 3)]! >> (row & 7)) & 1) === 0) return null;
      return read(view, dataAt + row * column.elementBytes);
    },
  };
}
