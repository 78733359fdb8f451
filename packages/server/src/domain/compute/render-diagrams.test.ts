import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagrams } from "./render-diagrams.ts";

describe("renderDiagrams", () => {
  it("writes pairs, null for an infinite death, and empty diagrams", () => {
    const diagrams = [Float64Array.of(0, 0.5, 0, Number.POSITIVE_INFINITY), new Float64Array(0)];
    expect(renderDiagrams(diagrams)).toBe("[[[0,0.5],[0,null]],[]]");
    expect(renderDiagrams([])).toBe("[]");
  });

  it("writes numbers that read back as the same numbers", () => {
    const pair = fc.tuple(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(pair)), (diagrams) => {
        const flat = diagrams.map((one) => Float64Array.from(one.flat()));
        const positive = diagrams.map((one) => one.map((two) => two.map((value) => value + 0)));
        expect(JSON.parse(renderDiagrams(flat))).toEqual(positive);
      }),
    );
  });
});
