import type { DatasetKind } from "@tda-platform/contract/datasets";
import type { FloatArray } from "@tda-platform/engine/types";
import { noPlace, type RowTable } from "../../../input/row-table.ts";
import { ProblemError } from "../../../problem.ts";
import { ColumnarCheck } from "../columnar.ts";
import type { ReadRange, TableShape } from "../inspector.ts";
import { ParquetFile } from "./parquet-file.ts";

/** Inspects a Parquet file, whose metadata is at its end, by reading parts of it. @throws ProblemError */
export async function inspectParquet(kind: DatasetKind, bytes: number, read: ReadRange): Promise<TableShape> {
  const file = await ParquetFile.open(bytes, read);
  const check = new ColumnarCheck(kind);
  check.start(file.columns);
  for await (const { column, firstRow, rows, value } of file.chunks()) check.column(column, firstRow, rows, value);
  check.endBatch(file.rows);
  return check.finish();
}

/** Rows of a Parquet file of at most so many values, float32 if all of its columns are. @throws ProblemError */
export async function tableFromParquet(bytes: Buffer, name: RowTable["name"], maxValues: number): Promise<RowTable> {
  const file = await ParquetFile.open(bytes.length, async (start, end) => bytes.subarray(start, end));
  const check = new ColumnarCheck(name);
  check.start(file.columns);
  // Allocated once the first chunk is known to hold what the metadata says.
  let values: FloatArray = new Float64Array(0);
  for await (const { column, firstRow, rows, value } of file.chunks()) {
    if (values.length === 0) values = newValues(file, maxValues);
    check.column(column, firstRow, rows, value);
    for (let i = 0; i < rows; i++) {
      values[(firstRow + i) * file.columns + column] = value(i) ?? Number.POSITIVE_INFINITY;
    }
  }
  check.endBatch(file.rows);
  const { rows, columns } = check.finish();
  return { name, values, lengths: new Uint32Array(rows).fill(columns), place: noPlace };
}

function newValues({ rows, columns, isSingle }: ParquetFile, maxValues: number): FloatArray {
  const length = rows * columns;
  if (length > maxValues) {
    throw new ProblemError("dataset_input_too_large", `The table has ${length} values; ${maxValues} are read.`);
  }
  return isSingle ? new Float32Array(length) : new Float64Array(length);
}
