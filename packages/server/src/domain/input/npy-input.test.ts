import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { npyFile, npyRows } from "../../../test/support/npy.ts";
import { problemOf } from "../../../test/support/problem-of.ts";
import { ProblemError } from "../problem.ts";
import { tableFromNpy } from "./npy-input.ts";

const rows = [
  [0.5, 1],
  [2, -3],
  [4, 5],
];
const values = rows.flat();
const f8 = Buffer.from(Float64Array.from(values).buffer);
const read = (file: Buffer) => {
  const table = tableFromNpy(file, "points");
  return { values: [...table.values], lengths: [...table.lengths] };
};
const expected = { values, lengths: [2, 2, 2] };
const refusal = (file: Buffer, name: "points" | "distances" = "points") => problemOf(() => tableFromNpy(file, name));

describe("tableFromNpy", () => {
  it.each([1, 2, 3] as const)("reads format version %d", (version) => {
    expect(read(npyFile(f8, { shape: [3, 2], version }))).toEqual(expected);
  });

  it("reads Fortran order", () => {
    const columns = Buffer.from(Float64Array.of(0.5, 2, 4, 1, -3, 5).buffer);
    expect(read(npyFile(columns, { shape: [3, 2], fortran: true }))).toEqual(expected);
  });

  it("reads big-endian data and data at an odd offset", () => {
    const swapped = Buffer.from(f8).swap64();
    expect(read(npyFile(swapped, { shape: [3, 2], descr: ">f8" }))).toEqual(expected);
    const odd = `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}  `;
    const file = npyFile(f8, { header: odd });
    const moved = Buffer.concat([Buffer.alloc(1), file]).subarray(1);
    expect(read(moved)).toEqual(expected);
  });

  it("keeps float32", () => {
    const table = tableFromNpy(
      npyFile(Buffer.from(Float32Array.of(0.1, 0.2).buffer), { shape: [2, 1], descr: "<f4" }),
      "points",
    );
    expect(table.values).toEqual(Float32Array.of(0.1, 0.2));
  });

  it.each([
    ["|i1", Int8Array.of(1, -2)],
    ["|u1", Uint8Array.of(1, 255)],
    ["<i2", Int16Array.of(1, -300)],
    ["<u2", Uint16Array.of(1, 60_000)],
    ["<i4", Int32Array.of(1, -70_000)],
    ["<u4", Uint32Array.of(1, 4_000_000_000)],
    ["<i8", BigInt64Array.of(1n, -9_007_199_254_740_992n)],
    ["<u8", BigUint64Array.of(1n, 18_446_744_073_709_549_568n)],
  ])("reads integers of %s as float64", (descr, data) => {
    const file = npyFile(Buffer.from(data.buffer), { shape: [2, 1], descr });
    expect(read(file).values).toEqual([...data].map(Number));
  });

  it("refuses integers that float64 can't hold", () => {
    const file = npyFile(Buffer.from(BigInt64Array.of(0n, 9_007_199_254_740_993n).buffer), {
      shape: [1, 2],
      descr: "<i8",
    });
    expect(refusal(file)).toMatchObject({ code: "not_a_number", pointers: ["/points/0/1"] });
  });

  it("reads one dimension as points on a line, and no rows", () => {
    expect(read(npyFile(f8, { shape: [6] }))).toEqual({ values, lengths: [1, 1, 1, 1, 1, 1] });
    for (const shape of [[0], [0, 3], [0, 0], [0, 1e12]]) {
      expect(read(npyFile(Buffer.alloc(0), { shape }))).toEqual({ values: [], lengths: [] });
    }
  });

  it.each([
    ["too little data", { shape: [3, 3] }],
    ["too much data", { shape: [1, 2] }],
    ["a shape beyond any memory", { shape: [4_294_967_296, 4_294_967_296] }],
    [
      "a shape that is too long a number",
      { header: "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 1), }" },
    ],
    ["a negative shape", { header: "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, -2), }" }],
    ["an expression", { header: "{'descr': __import__('os').name, 'fortran_order': False, 'shape': (3, 2), }" }],
    ["no order", { header: "{'descr': '<f8', 'shape': (3, 2), }" }],
    ["an order of another type", { header: "{'descr': '<f8', 'fortran_order': '<f8', 'shape': (3, 2), }" }],
    ["a further entry", { header: "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), 'x': 'y', }" }],
    ["no dictionary", { header: "[]" }],
  ])("refuses %s", (_name, options) => {
    expect(refusal(npyFile(f8, options)).code).toBe("invalid_npy");
  });

  it.each(["|O", "<c16", "<U4", "|S8", "<f2", "|b1", "<M8"])("refuses elements of %s", (descr) => {
    expect(refusal(npyFile(f8, { shape: [3, 2], descr })).code).toBe("not_supported");
  });

  it("refuses structured arrays, other numbers of dimensions and empty rows", () => {
    const structured = "{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (6,), }";
    expect(refusal(npyFile(f8, { header: structured })).code).toBe("not_supported");
    expect(refusal(npyFile(f8, { shape: [1, 2, 3] })).code).toBe("validation_failed");
    expect(
      refusal(npyFile(f8.subarray(0, 8), { header: "{'descr': '<f8', 'fortran_order': False, 'shape': (), }" })).code,
    ).toBe("validation_failed");
    expect(refusal(npyFile(f8, { shape: [6] }), "distances").code).toBe("validation_failed");
    expect(refusal(npyFile(Buffer.alloc(0), { shape: [5, 0] })).code).toBe("validation_failed");
  });

  it("reads what it is given for any table", () => {
    const table = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
      .chain(([n, d]) =>
        fc.array(fc.array(fc.double(), { minLength: d, maxLength: d }), { minLength: n, maxLength: n }),
      );
    fc.assert(
      fc.property(table, (given) => {
        expect(read(npyRows(given)).values).toEqual(given.flat());
      }),
    );
  });

  it("ends with a table or a problem on any damaged file", () => {
    const file = npyRows(rows);
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(file.length), (changes, length) => {
        const damaged = Buffer.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          const table = tableFromNpy(damaged.subarray(0, length), "points");
          expect(table.lengths.reduce((sum, one) => sum + one, 0)).toBe(table.values.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
