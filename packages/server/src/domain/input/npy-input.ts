import type { FloatArray } from "@tda-platform/engine/types";
import { ProblemError, problemAt } from "../problem.ts";
import { type NpyHeader, readNpyHeader } from "./npy-header.ts";
import { noPlace, type RowTable } from "./row-table.ts";

/**
 * Rows of an NPY body. float32 stays float32; float64 and integers become float64. One-dimensional points are points on
 * a line. The shape is checked against the bytes that are there before anything is allocated. Linear in the body.
 * @throws ProblemError `invalid_npy`, `not_supported`, `validation_failed` or `not_a_number`.
 */
export function tableFromNpy(bytes: Buffer, name: RowTable["name"]): RowTable {
  const header = readNpyHeader(bytes);
  const [rows, columns] = rowsAndColumns(header.shape, name);
  refuseOtherSize(bytes.length - header.dataOffset, header, rows, columns);
  const values = readValues(bytes, header, rows, columns, name);
  return { name, values, lengths: new Uint32Array(columns === 0 ? 0 : rows).fill(columns), place: noPlace };
}

/** Of an array's shape. @throws ProblemError for what is no table. */
export function rowsAndColumns(shape: readonly number[], name: RowTable["name"]): [number, number] {
  const [rows, columns] = shape;
  if (shape.length === 1 && name === "points") return [rows!, rows === 0 ? 0 : 1];
  if (shape.length !== 2) {
    throw problemAt("validation_failed", "", `An array of ${shape.length} dimensions is not a table of rows.`);
  }
  if (rows! > 0 && columns === 0)
    throw problemAt("validation_failed", `/${name}/0`, "The rows of the array are empty.");
  return [rows!, rows === 0 ? 0 : columns!];
}

function refuseOtherSize(present: number, header: NpyHeader, rows: number, columns: number): void {
  // As big integers: the product of a hostile shape is beyond the exact range of numbers.
  const expected = BigInt(rows) * BigInt(columns) * BigInt(elementBytes(header));
  if (expected === BigInt(present)) return;
  const detail = `The shape needs ${expected} bytes of data and ${present} are there.`;
  throw new ProblemError("invalid_npy", `The body is not an NPY file. ${detail}`);
}

function elementBytes(header: NpyHeader): number {
  return Number(header.element.slice(1));
}

function readValues(
  bytes: Buffer,
  header: NpyHeader,
  rows: number,
  columns: number,
  name: RowTable["name"],
): FloatArray {
  const count = rows * columns;
  const values = header.element === "f4" ? new Float32Array(count) : new Float64Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = elementReader(header);
  const size = elementBytes(header);
  for (let i = 0, at = header.dataOffset; i < count; i++, at += size) {
    const value = read(view, at);
    const target = header.isFortranOrder ? (i % rows) * columns + Math.floor(i / rows) : i;
    if (value === undefined) {
      const pointer = `/${name}/${Math.floor(target / columns)}/${target % columns}`;
      throw problemAt("not_a_number", pointer, INEXACT);
    }
    values[target] = value;
  }
  return values;
}

export const INEXACT = "The integer is beyond the exact range of float64.";

/** Reads the element at an offset; undefined for an integer that float64 can't hold. */
export function elementReader(
  header: Pick<NpyHeader, "element" | "isBigEndian">,
): (view: DataView, at: number) => number | undefined {
  const isLittle = !header.isBigEndian;
  switch (header.element) {
    case "f4":
      return (view, at) => view.getFloat32(at, isLittle);
    case "f8":
      return (view, at) => view.getFloat64(at, isLittle);
    case "i1":
      return (view, at) => view.getInt8(at);
    case "i2":
      return (view, at) => view.getInt16(at, isLittle);
    case "i4":
      return (view, at) => view.getInt32(at, isLittle);
    case "i8":
      return (view, at) => exactNumber(view.getBigInt64(at, isLittle));
    case "u1":
      return (view, at) => view.getUint8(at);
    case "u2":
      return (view, at) => view.getUint16(at, isLittle);
    case "u4":
      return (view, at) => view.getUint32(at, isLittle);
    default:
      return (view, at) => exactNumber(view.getBigUint64(at, isLittle));
  }
}

function exactNumber(value: bigint): number | undefined {
  const number = Number(value);
  return BigInt(number) === value ? number : undefined;
}
