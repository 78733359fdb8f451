import type { DatasetKind } from "@tda-platform/contract/datasets";
import { MAX_BATCH_BYTES } from "@tda-platform/contract/limits";
import type { FloatArray } from "@tda-platform/engine/types";
import { noPlace, type RowTable } from "../../../input/row-table.ts";
import { problemAt } from "../../../problem.ts";
import { ColumnarCheck } from "../columnar.ts";
import type { Inspector, ReadRange, TableShape } from "../inspector.ts";
import { ARROW_FILE_MAGIC, ARROW_TAIL_BYTES, arrowFooterPlace, isArrowFile } from "./arrow-file.ts";
import { type ArrowEvents, ArrowReader, type BatchColumn } from "./arrow-reader.ts";
import { invalidArrow } from "./flatbuffer.ts";
import { type ArrowFooter, readArrowFooter } from "./metadata.ts";

/** Inspects a stream message by message. A file is read at its end. */
export class ArrowInspector implements Inspector {
  readonly #check: ColumnarCheck;
  readonly #reader: ArrowReader;
  #head: Buffer = Buffer.alloc(0);
  #isFile: boolean | null = null;

  constructor(kind: DatasetKind) {
    this.#check = new ColumnarCheck(kind);
    this.#reader = new ArrowReader(checkingEvents(this.#check));
  }

  push(piece: Buffer): void {
    if (this.#isFile === true) return;
    if (this.#isFile === false) {
      this.#reader.push(piece);
      return;
    }
    this.#head = Buffer.concat([this.#head, piece]);
    if (this.#head.length >= ARROW_FILE_MAGIC.length) this.#start();
  }

  finish(): TableShape | null {
    if (this.#isFile === null) this.#start();
    if (this.#isFile === true) return null;
    this.#reader.finish();
    return this.#check.finish();
  }

  #start(): void {
    this.#isFile = isArrowFile(this.#head);
    if (!this.#isFile) this.#reader.push(this.#head);
    this.#head = Buffer.alloc(0);
  }
}

/** Inspects a stored file, batch by batch. @throws ProblemError */
export async function inspectArrowFile(kind: DatasetKind, bytes: number, read: ReadRange): Promise<TableShape> {
  const [start, end] = arrowFooterPlace(bytes, await read(Math.max(0, bytes - ARROW_TAIL_BYTES), bytes));
  const { columns, batches } = readArrowFooter(await read(start, end));
  const check = new ColumnarCheck(kind);
  const reader = new ArrowReader(checkingEvents(check), columns);
  for (const batch of batches) {
    refuseOutside(batch, start);
    reader.push(Buffer.from(await read(batch.offset, batch.offset + batch.bytes)));
    reader.finish();
  }
  return check.finish();
}

/** Rows of an Arrow body, stream or file, float32 if all of its columns are. Linear in the body. @throws ProblemError */
export function tableFromArrow(bytes: Buffer, name: RowTable["name"]): RowTable {
  const check = new ColumnarCheck(name);
  const parts: FloatArray[] = [];
  let isSingle = false;
  const events: ArrowEvents = {
    schema: (columns) => {
      check.start(columns.length);
      isSingle = columns.length > 0 && columns.every(({ element }) => element === "f4");
    },
    batch: (rows, columns) => {
      checkBatch(check, rows, columns);
      parts.push(rowMajor(rows, columns, isSingle));
    },
  };
  if (isArrowFile(bytes)) readFile(bytes, events);
  else readStream(bytes, events);
  const { rows, columns } = check.finish();
  const values = isSingle ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { name, values, lengths: new Uint32Array(rows).fill(columns), place: noPlace };
}

function readStream(bytes: Buffer, events: ArrowEvents): void {
  const reader = new ArrowReader(events);
  reader.push(bytes);
  reader.finish();
}

function readFile(bytes: Buffer, events: ArrowEvents): void {
  const [start, end] = arrowFooterPlace(bytes.length, bytes.subarray(-ARROW_TAIL_BYTES));
  const { columns, batches } = readArrowFooter(bytes.subarray(start, end));
  const reader = new ArrowReader(events, columns);
  for (const batch of batches) {
    refuseOutside(batch, start);
    reader.push(bytes.subarray(batch.offset, batch.offset + batch.bytes));
    reader.finish();
  }
}

function refuseOutside({ offset, bytes }: ArrowFooter["batches"][number], end: number): void {
  if (offset + bytes > end) throw invalidArrow("Its footer points outside of the file.");
  if (bytes > 2 * MAX_BATCH_BYTES) throw problemAt("not_supported", "", `A record batch has ${bytes} bytes.`);
}

function checkingEvents(check: ColumnarCheck): ArrowEvents {
  return {
    schema: (columns) => check.start(columns.length),
    batch: (rows, columns) => checkBatch(check, rows, columns),
  };
}

function checkBatch(check: ColumnarCheck, rows: number, columns: readonly BatchColumn[]): void {
  for (const [i, column] of columns.entries()) check.column(i, 0, rows, (row) => column.value(row));
  check.endBatch(rows);
}

/** A missing distance is no edge. */
function rowMajor(rows: number, columns: readonly BatchColumn[], isSingle: boolean): FloatArray {
  const length = rows * columns.length;
  const values = isSingle ? new Float32Array(length) : new Float64Array(length);
  for (const [i, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) {
      values[row * columns.length + i] = column.value(row) ?? Number.POSITIVE_INFINITY;
    }
  }
  return values;
}
