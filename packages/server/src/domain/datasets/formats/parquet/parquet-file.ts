import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { MAX_BATCH_BYTES, MAX_TABLE_COLUMNS } from "@tda-platform/contract/limits";
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  parquetMetadata,
  parquetScan,
  type SchemaElement,
} from "hyparquet";
import { ProblemError, problemAt } from "../../../problem.ts";
import type { ColumnValue } from "../columnar.ts";
import type { ReadRange } from "../inspector.ts";
import { refuseHostilePages } from "./page-headers.ts";

/** A column's values in one row group. */
export interface ColumnChunk {
  readonly column: number;
  readonly firstRow: number;
  readonly rows: number;
  value(index: number): ColumnValue;
}

const MAGIC = "PAR1";
/** Magic, length of the metadata, magic. */
const LEAST_BYTES = 12;
const MAX_METADATA_BYTES = 16 * 1_048_576;
/** A dictionary of one value makes any number of rows out of nothing: rows are bounded by themselves. */
const MAX_ROWS = 100_000_000;
const MAX_GROUP_ROWS = MAX_BATCH_BYTES / 8;
const MAX_CHUNKS = 1_000_000;
/** hyparquet keeps the last chunk of each column of a scan. */
const COLUMNS_OF_A_SCAN = 64;

const COMPRESSORS: Compressors = {
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: length }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: length }),
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: length }),
};
const CODECS = new Set(["UNCOMPRESSED", "SNAPPY", ...Object.keys(COMPRESSORS)]);

export function invalidParquet(reason: string, cause?: unknown): ProblemError {
  return new ProblemError("invalid_parquet", `The content is not a Parquet file. ${reason}`, { cause });
}

/**
 * A flat table of numbers in a Parquet file, read by hyparquet one column chunk at a time. Everything that the metadata says
 * of sizes is checked before it is believed. It runs on a thread of its own, whose memory and time are limited.
 * @throws ProblemError `invalid_parquet`, `not_supported`.
 */
export class ParquetFile {
  readonly rows: number;
  readonly columns: number;
  /** Whether every column is float32. */
  readonly isSingle: boolean;
  readonly #metadata: FileMetaData;
  readonly #bytes: number;
  readonly #read: ReadRange;
  readonly #names: readonly string[];

  private constructor(metadata: FileMetaData, bytes: number, read: ReadRange) {
    const fields = flatColumns(metadata);
    this.rows = countRows(metadata, fields);
    this.columns = fields.length;
    this.isSingle = fields.length > 0 && fields.every(({ type }) => type === "FLOAT");
    this.#metadata = metadata;
    this.#bytes = bytes;
    this.#read = read;
    this.#names = fields.map(({ name }) => name);
  }

  static async open(bytes: number, read: ReadRange): Promise<ParquetFile> {
    if (bytes < LEAST_BYTES) throw invalidParquet("It is too short.");
    const ends = [await read(0, 4), await read(bytes - 8, bytes)] as const;
    const [head, tail] = ends.map((part) => Buffer.from(part)) as [Buffer, Buffer];
    if (head.toString("latin1") !== MAGIC || tail.toString("latin1", 4) !== MAGIC)
      throw invalidParquet("Its magic bytes are missing.");
    const length = tail.readUInt32LE(0);
    if (length > bytes - LEAST_BYTES) throw invalidParquet("Its metadata is longer than the file.");
    if (length > MAX_METADATA_BYTES)
      throw problemAt("not_supported", "", `Its metadata has ${length} bytes; ${MAX_METADATA_BYTES} are read.`);
    const footer = Uint8Array.from(await read(bytes - 8 - length, bytes));
    const metadata = explained(() => parquetMetadata(footer, { geoparquet: false }));
    return explained(() => new ParquetFile(metadata, bytes, read));
  }

  /** Column by column, each from the first row group to the last. */
  async *chunks(): AsyncGenerator<ColumnChunk> {
    for (let from = 0; from < this.columns; from += COLUMNS_OF_A_SCAN) {
      const names = this.#names.slice(from, from + COLUMNS_OF_A_SCAN);
      for (const [i, name] of names.entries()) yield* this.#column(from + i, name, names);
    }
  }

  async *#column(column: number, name: string, names: string[]): AsyncGenerator<ColumnChunk> {
    let chunk = new ArrayBuffer(0);
    // Without indexes all that is asked for is the chunk, which is read and checked before: this never fails.
    const file: AsyncBuffer = { byteLength: this.#bytes, slice: () => chunk };
    try {
      const options = { file, metadata: this.#metadata, columns: names, compressors: COMPRESSORS };
      const scan = await parquetScan({ ...options, utf8: false, geoparquet: false, useOffsetIndex: false });
      let firstRow = 0;
      for (const group of this.#metadata.row_groups) {
        const rows = Number(group.num_rows);
        chunk = await this.#chunk(group.columns[column]!.meta_data!, rows);
        const values = await scan.readColumn({ column: name, rowStart: firstRow, rowEnd: firstRow + rows });
        if (values.length !== rows) throw invalidParquet(`The column ${column + 1} is shorter than the table.`);
        yield { column, firstRow, rows, value: (index) => numberOf(values[index]) };
        firstRow += rows;
      }
    } catch (error) {
      throw asProblem(error);
    }
  }

  async #chunk(metadata: ColumnMetaData, rows: number): Promise<ArrayBuffer> {
    const start = Number(metadata.dictionary_page_offset || metadata.data_page_offset);
    const end = start + Number(metadata.total_compressed_size);
    if (!(start >= 0 && start <= end && end <= this.#bytes))
      throw invalidParquet("Its metadata points outside of the file.");
    // hyparquet wants an ArrayBuffer of exactly these bytes.
    const bytes = Uint8Array.from(await this.#read(start, end));
    refuseHostilePages(bytes, rows);
    return bytes.buffer;
  }
}

/** The columns of a flat schema of plain numbers. @throws ProblemError `not_supported` */
function flatColumns({ schema: [root, ...fields] }: FileMetaData): readonly SchemaElement[] {
  if (root?.num_children !== fields.length || fields.some((field) => (field.num_children ?? 0) > 0)) {
    throw problemAt("not_supported", "", "Nested Parquet columns are not supported.");
  }
  if (fields.length > MAX_TABLE_COLUMNS) {
    throw problemAt("not_supported", "", `The table has ${fields.length} columns; ${MAX_TABLE_COLUMNS} are read.`);
  }
  for (const field of fields) {
    if (isNumeric(field) && field.repetition_type !== "REPEATED") continue;
    const name = JSON.stringify(String(field.name).slice(0, 100));
    throw problemAt("not_supported", "", `The column ${name} is not supported: use double, float or integers.`);
  }
  if (new Set(fields.map(({ name }) => name)).size !== fields.length) {
    throw problemAt("not_supported", "", "Two columns of one name are not supported.");
  }
  return fields;
}

function isNumeric({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (type === "FLOAT" || type === "DOUBLE") return logical === undefined || logical === null;
  const isInteger = type === "INT32" || type === "INT64";
  const isPlain = (converted ?? null) === null || /^U?INT_/.test(converted!);
  return isInteger && isPlain && ((logical ?? null) === null || logical!.type === "INTEGER");
}

/** Rows of all groups, once each group is known to be of a size that can be held. @throws ProblemError */
function countRows({ row_groups: groups, num_rows }: FileMetaData, fields: readonly SchemaElement[]): number {
  if (groups.length * fields.length > MAX_CHUNKS)
    throw tooLarge("column chunks", groups.length * fields.length, MAX_CHUNKS);
  let rows = 0;
  for (const group of groups) {
    const count = Number(group.num_rows);
    if (!(count >= 0)) throw invalidParquet("A row group has a negative length.");
    if (count > MAX_GROUP_ROWS) throw tooLarge("rows in a group", count, MAX_GROUP_ROWS);
    if (group.columns.length !== fields.length) throw invalidParquet("A row group has other columns than the schema.");
    for (const [i, { meta_data: chunk }] of group.columns.entries()) refuseChunk(chunk, fields[i]!, count);
    rows += count;
  }
  if (rows !== Number(num_rows))
    throw invalidParquet("Its row groups have another number of rows than its metadata says.");
  if (rows > MAX_ROWS) throw tooLarge("rows", rows, MAX_ROWS);
  return rows;
}

function refuseChunk(chunk: ColumnMetaData | undefined, field: SchemaElement, rows: number): void {
  const path = chunk?.path_in_schema ?? [];
  if (chunk === undefined || path.length !== 1 || path[0] !== field.name || chunk.type !== field.type) {
    throw invalidParquet("A column chunk is not that of its column.");
  }
  if (Number(chunk.num_values) !== rows) throw invalidParquet("A column chunk has another length than its row group.");
  if (!CODECS.has(chunk.codec))
    throw problemAt("not_supported", "", `The compression ${chunk.codec} is not supported.`);
  const bytes = Math.max(Number(chunk.total_uncompressed_size), Number(chunk.total_compressed_size));
  if (!(bytes <= MAX_BATCH_BYTES)) throw tooLarge("bytes in a column chunk", bytes, MAX_BATCH_BYTES);
}

function tooLarge(what: string, found: number, limit: number): ProblemError {
  return problemAt("not_supported", "", `The file has ${found} ${what}; ${limit} are read.`);
}

function numberOf(value: unknown): ColumnValue {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : undefined;
  if (value === null || value === undefined) return null;
  throw invalidParquet("A column holds something else than numbers.");
}

function explained<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw asProblem(error);
  }
}

/** Whatever the library says of bytes that it can't read; what it says is for the operator. */
function asProblem(error: unknown): unknown {
  return error instanceof ProblemError ? error : invalidParquet("It cannot be read.", error);
}
