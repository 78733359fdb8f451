import { MAX_TABLE_COLUMNS } from "@tda-platform/contract/limits";
import { problemAt } from "../../../problem.ts";
import { FlatTable, invalidArrow } from "./flatbuffer.ts";

/** A column of numbers. */
export interface ArrowColumn {
  readonly name: string;
  readonly element: "f4" | "f8" | "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8";
  readonly elementBytes: number;
}

/** Where a column's values are in a record batch's body. */
export interface ArrowValues {
  readonly nullCount: number;
  readonly validity: readonly [offset: number, bytes: number];
  readonly data: readonly [offset: number, bytes: number];
}

export type ArrowMessage =
  | { readonly kind: "schema"; readonly columns: readonly ArrowColumn[]; readonly bodyBytes: number }
  | {
      readonly kind: "batch";
      readonly rows: number;
      readonly columns: readonly ArrowValues[];
      readonly bodyBytes: number;
    };

// format/Message.fbs and Schema.fbs of Arrow: fields are numbered in the order of their definition.
const MESSAGE = { headerType: 1, header: 2, bodyLength: 3 } as const;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const SCHEMA = { endianness: 0, fields: 1 } as const;
const FIELD = { name: 0, typeType: 2, type: 3, dictionary: 4, children: 5 } as const;
const TYPE = { int: 2, floatingPoint: 3 } as const;
const FOOTER = { schema: 1, recordBatches: 3 } as const;
const MAX_FILE_BATCHES = 1_000_000;
const BATCH = { length: 0, nodes: 1, buffers: 2, compression: 3 } as const;

/** Of a file's footer: the columns, and where the record batches are. */
export interface ArrowFooter {
  readonly columns: readonly ArrowColumn[];
  readonly batches: readonly { readonly offset: number; readonly bytes: number }[];
}

/** @throws ProblemError `invalid_arrow`, `not_supported`. */
export function readArrowFooter(bytes: Uint8Array): ArrowFooter {
  const footer = FlatTable.root(bytes);
  const schema = footer.table(FOOTER.schema);
  if (schema === null) throw invalidArrow("Its footer has no schema.");
  const columns = readSchema(schema);
  const batches = footer.blocks(FOOTER.recordBatches, MAX_FILE_BATCHES).map(([offset, metadataBytes, bodyBytes]) => {
    if (metadataBytes < 8) throw invalidArrow("A message of its footer has no metadata.");
    return { offset, bytes: metadataBytes + bodyBytes };
  });
  return { columns, batches };
}

/** Reads a message's metadata. @throws ProblemError `invalid_arrow`, `not_supported`. */
export function readArrowMessage(bytes: Uint8Array): ArrowMessage {
  const message = FlatTable.root(bytes);
  const header = message.table(MESSAGE.header);
  const bodyBytes = message.length(MESSAGE.bodyLength);
  if (header === null) throw invalidArrow("A message has no header.");
  switch (message.uint8(MESSAGE.headerType, 0)) {
    case HEADER.schema:
      return { kind: "schema", columns: readSchema(header), bodyBytes };
    case HEADER.recordBatch:
      return { kind: "batch", ...readBatch(header), bodyBytes };
    case HEADER.dictionaryBatch:
      throw problemAt("not_supported", "", "Columns encoded by dictionary are not supported.");
    default:
      throw invalidArrow("A message is neither a schema nor a record batch.");
  }
}

function readSchema(schema: FlatTable): ArrowColumn[] {
  if (schema.int16(SCHEMA.endianness, 0) !== 0)
    throw problemAt("not_supported", "", "Big-endian Arrow is not supported.");
  return schema.tables(SCHEMA.fields, MAX_TABLE_COLUMNS).map(readField);
}

function readField(field: FlatTable): ArrowColumn {
  const name = field.text(FIELD.name).slice(0, 100);
  const unsupported = (): Error =>
    problemAt(
      "not_supported",
      "",
      `The column ${JSON.stringify(name)} is not supported: use float64, float32 or integers.`,
    );
  const type = field.table(FIELD.type);
  if (
    type === null ||
    field.table(FIELD.dictionary) !== null ||
    field.tables(FIELD.children, MAX_TABLE_COLUMNS).length > 0
  ) {
    throw unsupported();
  }
  switch (field.uint8(FIELD.typeType, 0)) {
    case TYPE.int: {
      const bits = type.int32(0, 0);
      if (![8, 16, 32, 64].includes(bits)) throw unsupported();
      const sign = type.uint8(1, 0) === 0 ? "u" : "i";
      return { name, element: `${sign}${bits / 8}` as ArrowColumn["element"], elementBytes: bits / 8 };
    }
    case TYPE.floatingPoint: {
      const precision = type.int16(0, 0);
      if (precision === 0) throw unsupported();
      return precision === 1 ? { name, element: "f4", elementBytes: 4 } : { name, element: "f8", elementBytes: 8 };
    }
    default:
      throw unsupported();
  }
}

function readBatch(batch: FlatTable): { rows: number; columns: ArrowValues[] } {
  if (batch.table(BATCH.compression) !== null) {
    throw problemAt(
      "not_supported",
      "",
      "Compressed Arrow buffers are not supported: compress the whole body instead.",
    );
  }
  const nodes = batch.pairs(BATCH.nodes, MAX_TABLE_COLUMNS);
  const buffers = batch.pairs(BATCH.buffers, 2 * MAX_TABLE_COLUMNS);
  const rows = batch.length(BATCH.length);
  // A column of plain numbers has two buffers: validity and values.
  if (buffers.length !== 2 * nodes.length) throw invalidArrow("A record batch has not two buffers for each column.");
  const columns = nodes.map(([length, nullCount], i) => {
    if (length !== rows || nullCount > length) throw invalidArrow("A column has another length than its record batch.");
    return { nullCount, validity: buffers[2 * i]!, data: buffers[2 * i + 1]! };
  });
  return { rows, columns };
}
