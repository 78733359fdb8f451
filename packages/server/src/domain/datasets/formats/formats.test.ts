import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import {
  Float32,
  Int64,
  makeVector,
  Table,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { npyFile, npyRows } from "../../../../test/support/npy.ts";
import { ProblemError } from "../../problem.ts";
import { tableFromArrow } from "./arrow/arrow-table.ts";
import { createInspector, formatOfFirstBytes, formatOfMediaType, formatOfName, inspectStored } from "./formats.ts";
import type { TableShape } from "./inspector.ts";
import { tableFromLowerDistance } from "./lower-distance.ts";
import { tableFromParquet } from "./parquet/parquet-table.ts";

type Outcome = TableShape | { readonly code: string; readonly pointer: string | undefined; readonly detail: string };

/** What an inspector says of a content that comes in pieces of a size. */
export async function inspect(
  format: DatasetFormat,
  kind: DatasetKind,
  content: Uint8Array,
  pieceBytes = 7,
): Promise<Outcome> {
  try {
    const inspector = createInspector(format, kind);
    for (let at = 0; at < content.length; at += pieceBytes) {
      // In a buffer that is overwritten after each piece, as a caller may.
      const piece = Buffer.from(content.subarray(at, at + pieceBytes));
      inspector.push(piece);
      piece.fill(0x78);
    }
    const read = async (start: number, end: number) => content.subarray(start, end);
    return inspector.finish() ?? (await inspectStored(format, kind, content.length, read));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { code: error.code, pointer: error.places[0]?.pointer, detail: error.message };
  }
}

const text = (content: string): Buffer => Buffer.from(content);
const sizes = [1, 2, 3, 7, 64, 10_000];

describe("CSV", () => {
  it.each([
    ["points", "1,2\n3,4\n5,6\n", { rows: 3, columns: 2 }],
    ["points", "x,y\r\n1,2\r\n3,4", { rows: 2, columns: 2 }],
    ["points", '"a, b","c\n""d"""\n"1","2 "\n3,4\n\n\n', { rows: 2, columns: 2 }],
    ["points", "", { rows: 0, columns: 0 }],
    ["points", "\ufeff1\n2\n", { rows: 2, columns: 1 }],
    ["distances", "0,1\n1,0\n", { rows: 2, columns: 2 }],
    ["distances", "\n1\n1,inf\n", { rows: 3, columns: 3 }],
    ["distances", "0\n1,0\n", { rows: 2, columns: 2 }],
  ] as const)("%s %j", async (kind, content, shape) => {
    for (const size of sizes) expect(await inspect("csv", kind, text(content), size)).toEqual(shape);
  });

  it.each([
    ["points", "1,2\n3,x\n", "not_a_number", "/points/1/1", "Line 2, column 2"],
    ["points", "a,b\n1,2\n3,\n", "not_a_number", "/points/1/1", "Line 3, column 2"],
    ["points", "1,2\n3,nan\n", "not_a_number", "/points/1/1", "Line 2, column 2"],
    ["points", "1,2\n3,inf\n", "not_a_number", "/points/1/1", "Line 2, column 2"],
    ["points", "1,1e999\n", "not_a_number", "/points/0/1", "Line 1, column 2"],
    ["points", "1,2\n3\n", "ragged_rows", "/points/1", "Line 2"],
    ["points", "1,2\n\n3,4\n", "ragged_rows", "/points/1", "Line 2"],
    ["points", '"a\nb",c\n1,2\n3,z', "not_a_number", "/points/1/1", "Line 4, column 2"],
    ["points", "a,b,c\n1,2\n", "ragged_rows", "/points/0", "Line 2"],
    ["points", '1,"2\n', "invalid_csv", undefined, "Line 1"],
    ["distances", "0,1\n1,-1\n", "negative_distance", "/distances/1/1", "Line 2, column 2"],
    ["distances", "0,1,2\n1,0,2\n", "ragged_rows", "/distances/2", "2 of 3"],
    ["distances", "0,1\n1,0\n1,0\n", "ragged_rows", "/distances/2", "Line 3"],
  ] as const)("%s %j is refused", async (kind, content, code, pointer, detail) => {
    for (const size of sizes) {
      expect(await inspect("csv", kind, text(content), size)).toEqual({
        code,
        pointer,
        detail: expect.stringContaining(detail),
      });
    }
  });

  it("refuses what is no UTF-8, and a record without end", async () => {
    expect(await inspect("csv", "points", Buffer.of(0x31, 0x0a, 0xff, 0x0a))).toMatchObject({ code: "invalid_csv" });
    expect(await inspect("csv", "points", Buffer.alloc(17 * 1_048_576, "1"), 1_048_576)).toMatchObject({
      code: "invalid_csv",
    });
  });
});

describe("NPY", () => {
  it("is read in pieces of any size", async () => {
    const content = npyRows([
      [1, 2],
      [3, 4],
    ]);
    for (const size of sizes) expect(await inspect("npy", "points", content, size)).toEqual({ rows: 2, columns: 2 });
    expect(await inspect("npy", "points", npyFile(Buffer.alloc(0), { shape: [0] }))).toEqual({ rows: 0, columns: 0 });
    const integers = npyFile(Buffer.from(Int16Array.of(1, 2, 3).buffer), { descr: "<i2", shape: [3] });
    expect(await inspect("npy", "points", integers)).toEqual({ rows: 3, columns: 1 });
  });

  it("names row and column of the first bad value, in either order of storage", async () => {
    const bad = npyRows([
      [1, 2],
      [3, Number.NaN],
    ]);
    const found = { code: "not_a_number", pointer: "/points/1/1", detail: expect.stringContaining("Row 2, column 2") };
    for (const size of sizes) expect(await inspect("npy", "points", bad, size)).toEqual(found);
    const columns = npyFile(Buffer.from(Float64Array.of(1, 2, Number.NaN, 4).buffer), { shape: [2, 2], fortran: true });
    expect(await inspect("npy", "points", columns)).toMatchObject({ pointer: "/points/0/1" });
    const negative = npyRows([
      [0, 1],
      [-1, 0],
    ]);
    expect(await inspect("npy", "distances", negative)).toMatchObject({
      code: "negative_distance",
      pointer: "/distances/1/0",
    });
  });

  it.each([
    ["cut", npyRows([[1, 2]]).subarray(0, -1)],
    ["longer", Buffer.concat([npyRows([[1, 2]]), Buffer.of(0)])],
    ["cut within its header", npyRows([[1, 2]]).subarray(0, 40)],
    ["empty", Buffer.alloc(0)],
    ["something else", Buffer.from("something else than an array")],
    ["of a shape beyond memory", npyFile(Buffer.alloc(8), { shape: [999_999_999_999_999, 999_999_999_999_999] })],
  ])("%s, it is refused", async (_, content) => {
    for (const size of sizes)
      expect(await inspect("npy", "points", content, size)).toMatchObject({ code: "invalid_npy" });
  });

  it("refuses a matrix that is not square", async () => {
    expect(await inspect("npy", "distances", npyRows([[0, 1, 2]]))).toMatchObject({ code: "ragged_rows" });
  });
});

describe("lower-distance text", () => {
  it.each([
    ["1\n2,3\n", 3],
    ["1,\n2,3,\n4 5\t6", 4],
    ["\n1;2;3", 3],
    ["", 1],
    ["inf 0 1e-3", 3],
  ])("%j", async (content, points) => {
    for (const size of sizes) {
      expect(await inspect("lower-distance", "distances", text(content), size)).toEqual({
        rows: points,
        columns: points,
      });
    }
    const { lengths } = tableFromLowerDistance(text(content));
    expect([...lengths]).toEqual(Array.from({ length: points }, (_, i) => i));
  });

  it.each([
    ["1\n2,x\n", "not_a_number", "/distances/2/1", "Line 2, number 2"],
    ["1\n-2,3\n", "negative_distance", "/distances/2/0", "Line 2, number 1"],
    ["nan", "not_a_number", "/distances/1/0", "Line 1, number 1"],
    ["1 2", "ragged_rows", "/distances/2", "2 numbers"],
    ["1e400", "not_a_number", "/distances/1/0", "too large"],
  ])("%j is refused", async (content, code, pointer, detail) => {
    for (const size of sizes) {
      expect(await inspect("lower-distance", "distances", text(content), size)).toEqual({
        code,
        pointer,
        detail: expect.stringContaining(detail),
      });
    }
  });

  it("holds no word without end", async () => {
    expect(await inspect("lower-distance", "distances", Buffer.alloc(5_000_000, "1"), 100_000)).toMatchObject({
      code: "not_a_number",
    });
  });
});

const stream = (table: Table): Buffer => Buffer.from(tableToIPC(table, "stream"));
const file = (table: Table): Buffer => Buffer.from(tableToIPC(table, "file"));
const xy = tableFromArrays({ x: Float64Array.of(1, 3, 5), y: Float64Array.of(2, 4, 6) });

describe("Arrow", () => {
  it("is read as a stream and as a file, in pieces of any size", async () => {
    expect(tableFromIPC(stream(xy)).numRows).toBe(3);
    for (const content of [stream(xy), file(xy)]) {
      for (const size of sizes)
        expect(await inspect("arrow", "points", content, size)).toEqual({ rows: 3, columns: 2 });
      expect([...tableFromArrow(content, "points").values]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it("has rows of several batches, of other numbers, and of float32", async () => {
    const batches = new Table([
      ...xy.batches,
      ...tableFromArrays({ x: Float64Array.of(7), y: Float64Array.of(8) }).batches,
    ]);
    expect([...tableFromArrow(stream(batches), "points").values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const single = new Table({ x: makeVector(Float32Array.of(0.1, 0.2)) });
    expect(tableFromArrow(stream(single), "points").values).toEqual(Float32Array.of(0.1, 0.2));
    const mixed = new Table({ x: makeVector(Float32Array.of(0.5)), n: vectorFromArray([7n], new Int64()) });
    expect(tableFromArrow(stream(mixed), "points").values).toEqual(Float64Array.of(0.5, 7));
  });

  it("names row and column of the first bad value by row", async () => {
    const bad = tableFromArrays({
      x: Float64Array.of(1, 2, Number.NaN),
      y: Float64Array.of(1, Number.POSITIVE_INFINITY, 3),
    });
    expect(await inspect("arrow", "points", stream(bad))).toEqual({
      code: "not_a_number",
      pointer: "/points/1/1",
      detail: expect.stringContaining("Row 2, column 2"),
    });
    const missing = new Table({ x: vectorFromArray([1, null, 3], new Float32()) });
    expect(await inspect("arrow", "points", stream(missing))).toMatchObject({
      pointer: "/points/1/0",
      detail: expect.stringContaining("missing"),
    });
    const inexact = new Table({ x: vectorFromArray([2n ** 60n + 1n], new Int64()) });
    expect(await inspect("arrow", "points", stream(inexact))).toMatchObject({
      code: "not_a_number",
      pointer: "/points/0/0",
    });
  });

  it("takes a missing distance for no edge", async () => {
    const matrix = new Table({
      a: vectorFromArray([0, null], new Float32()),
      b: vectorFromArray([null, 0], new Float32()),
    });
    expect(await inspect("arrow", "distances", stream(matrix))).toEqual({ rows: 2, columns: 2 });
    expect([...tableFromArrow(stream(matrix), "distances").values]).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
    ]);
  });

  it.each([
    ["texts", new Table({ x: vectorFromArray(["a", "b"], new Utf8()) })],
    ["a dictionary", tableFromArrays({ x: ["a", "b"] })],
  ])("does not support %s", async (_, table) => {
    expect(await inspect("arrow", "points", stream(table))).toMatchObject({ code: "not_supported" });
  });

  it.each([
    ["cut", stream(xy).subarray(0, 300)],
    ["empty", Buffer.alloc(0)],
    ["something else", Buffer.from("something else than a table")],
    ["without a schema", Buffer.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)],
  ])("%s, it is refused", async (_, content) => {
    for (const size of sizes)
      expect(await inspect("arrow", "points", content, size)).toMatchObject({ code: "invalid_arrow" });
  });
});

function parquet(
  columns: Record<string, Float64Array | Float32Array | (number | null)[] | bigint[] | string[]>,
  rowGroupSize = 2,
): Buffer {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  return Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));
}

describe("Parquet", () => {
  it("is read from several row groups", async () => {
    const content = parquet({ x: Float64Array.of(1, 3, 5), y: Float64Array.of(2, 4, 6) });
    expect(await inspect("parquet", "points", content)).toEqual({ rows: 3, columns: 2 });
    expect([...(await tableFromParquet(content, "points", 1000)).values]).toEqual([1, 2, 3, 4, 5, 6]);
    const single = parquet({ x: Float32Array.of(0.1, 0.2) });
    expect((await tableFromParquet(single, "points", 1000)).values).toEqual(Float32Array.of(0.1, 0.2));
    expect(await inspect("parquet", "points", parquet({ n: [1n, 1n, 3n] }))).toEqual({ rows: 3, columns: 1 });
  });

  it("names row and column of the first bad value by row", async () => {
    const content = parquet({ x: Float64Array.of(1, 2, 3, Number.NaN), y: Float64Array.of(1, 2, Number.NaN, 4) });
    expect(await inspect("parquet", "points", content)).toEqual({
      code: "not_a_number",
      pointer: "/points/2/1",
      detail: expect.stringContaining("Row 3, column 2"),
    });
    expect(await inspect("parquet", "points", parquet({ x: [1.5, null, 3.5] }))).toMatchObject({
      pointer: "/points/1/0",
    });
    expect(await inspect("parquet", "distances", parquet({ a: [0, null], b: [null, 0] }))).toEqual({
      rows: 2,
      columns: 2,
    });
  });

  it("does not support what is no number", async () => {
    expect(await inspect("parquet", "points", parquet({ x: ["a", "b"] }))).toMatchObject({ code: "not_supported" });
  });

  it.each([
    ["cut", parquet({ x: Float64Array.of(1, 2) }).subarray(0, -1)],
    ["empty", Buffer.alloc(0)],
    ["something else", Buffer.from("something else than a table")],
  ])("%s, it is refused", async (_, content) => {
    expect(await inspect("parquet", "points", content)).toMatchObject({ code: "invalid_parquet" });
  });
});

describe("a format", () => {
  it("is told by media type, name or first bytes", () => {
    expect(formatOfMediaType("text/csv")).toBe("csv");
    expect(formatOfMediaType("application/octet-stream")).toBeNull();
    expect(formatOfName("Cloud.NPY")).toBe("npy");
    expect(formatOfName("sphere.lower_distance_matrix")).toBe("lower-distance");
    expect(formatOfName("notes.txt")).toBeNull();
    expect(formatOfFirstBytes(stream(xy))).toBe("arrow");
    expect(formatOfFirstBytes(file(xy))).toBe("arrow");
    expect(formatOfFirstBytes(parquet({ x: Float64Array.of(1) }))).toBe("parquet");
    expect(formatOfFirstBytes(npyRows([[1]]))).toBe("npy");
    expect(formatOfFirstBytes(Buffer.from("1,2"))).toBeNull();
  });
});
