import { describe, expect, it } from "vitest";
import { CliError } from "../cli-error.ts";
import { fullMatrix, parseLowerDistanceBinary, parseLowerDistanceText } from "./lower-distance.ts";
import { npyOfMatrix } from "./write-npy.ts";

describe("lower-distance text", () => {
  it.each(["1\n2,3\n", "1 2 3", "1;2;\n3", "\n1\r\n2,\t3\r\n"])("%j", (text) => {
    expect([...parseLowerDistanceText(Buffer.from(text))]).toEqual([1, 2, 3]);
  });

  it("reads missing edges", () => {
    expect([...parseLowerDistanceText(Buffer.from("inf 1e-3 Infinity"))]).toEqual([
      Number.POSITIVE_INFINITY,
      0.001,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it("names the line of what is no number", () => {
    expect(() => parseLowerDistanceText(Buffer.from("1\n2,x\n"))).toThrow(/^Line 2: "x"/);
  });
});

describe("matrices", () => {
  it("mirrors the triangle", () => {
    expect(fullMatrix(Float64Array.of(1, 2, 3))).toEqual({
      rows: 3,
      values: Float64Array.of(0, 1, 2, 1, 0, 3, 2, 3, 0),
    });
    expect(fullMatrix(new Float64Array(0)).rows).toBe(1);
  });

  it("refuses what is no triangle", () => {
    expect(() => fullMatrix(Float64Array.of(1, 2))).toThrow(CliError);
  });

  it("keeps float32 from the file to the NPY body", () => {
    const values = Float32Array.of(0.1, 0.2, 0.3);
    const parsed = parseLowerDistanceBinary(Buffer.from(new Uint8Array(values.buffer)));
    expect(parsed).toEqual(values);
    const { rows, values: matrix } = fullMatrix(parsed);
    const npy = npyOfMatrix(matrix, rows);
    const headerLength = npy.readUInt16LE(8);
    expect((10 + headerLength) % 64).toBe(0);
    expect(npy.subarray(10, 10 + headerLength).toString("latin1")).toContain("'<f4'");
    expect(npy.length).toBe(10 + headerLength + 4 * 9);
    expect(npy.readFloatLE(10 + headerLength + 4)).toBe(Math.fround(0.1));
  });
});
