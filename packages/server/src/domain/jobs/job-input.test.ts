import type { EngineInput } from "@tda-platform/engine/types";
import { describe, expect, it } from "vitest";
import { decodeInput, encodeInput } from "./job-input.ts";

const inputs: EngineInput[] = [
  {
    kind: "points",
    values: Float64Array.of(0, 1.5, -2, 1e300),
    rows: 2,
    columns: 2,
    metric: "minkowski",
    minkowskiP: 3,
  },
  { kind: "points", values: new Float32Array([1.25, 2, 3]), rows: 3, columns: 1, metric: "cosine", minkowskiP: null },
  { kind: "points", values: new Float64Array(0), rows: 0, columns: 0, metric: "euclidean", minkowskiP: null },
  { kind: "distances", layout: "lower-with-diagonal", values: Float64Array.of(0, Infinity, 0.5), rows: 2 },
  {
    kind: "sparse-distances",
    rows: 4,
    values: new Float32Array([1, Infinity, 0]),
    rowIndices: Uint32Array.of(0, 1, 4_294_967_295),
    columnIndices: Uint32Array.of(1, 2, 3),
  },
];

describe("an encoded input", () => {
  it.each(inputs)("is the same after decoding: $kind", (input) => {
    expect(decodeInput(encodeInput(input))).toEqual(input);
  });

  it("is the same from bytes at any place of another buffer", () => {
    const [input] = inputs;
    const bytes = encodeInput(input!);
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect(decodeInput(shifted)).toEqual(input);
  });

  it("is not read past its end", () => {
    expect(() => decodeInput(encodeInput(inputs[0]!).subarray(0, -8))).toThrow(RangeError);
  });
});
