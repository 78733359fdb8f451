import { NO_VERTEX } from "@tda-platform/engine/types";
import { describe, expect, it } from "vitest";
import { chainSimplices, renderRepresentatives } from "./render-representatives.ts";

const withoutChains = { chainOffsets: null, chainSimplices: null, chainCoefficients: null, loopVertices: null };
const components = {
  birthSimplices: Uint32Array.of(1, 0),
  deathSimplices: Uint32Array.of(0, 1, NO_VERTEX, NO_VERTEX),
  ...withoutChains,
};
const loops = {
  birthSimplices: Uint32Array.of(0, 4, 2, 3),
  deathSimplices: Uint32Array.of(0, 2, 4, NO_VERTEX, NO_VERTEX, NO_VERTEX),
  chainOffsets: Float64Array.of(0, 2, 3),
  chainSimplices: Uint32Array.of(0, 4, 1, 3, 2, 3),
  chainCoefficients: Uint32Array.of(1, 16, 1),
  loopVertices: null,
};

describe("renderRepresentatives", () => {
  it("writes null where there are none", () => {
    expect(renderRepresentatives(null, "cocycle")).toBe("null");
    expect(chainSimplices(null)).toBe(0);
  });

  it("writes simplices, and null for a death that never comes", () => {
    const text = renderRepresentatives([components, { ...loops, ...withoutChains }], "cycle");
    expect(JSON.parse(text)).toEqual([
      [
        { birth_simplex: [1], death_simplex: [0, 1] },
        { birth_simplex: [0], death_simplex: null },
      ],
      [
        { birth_simplex: [0, 4], death_simplex: [0, 2, 4] },
        { birth_simplex: [2, 3], death_simplex: null },
      ],
    ]);
  });

  it("writes each bar's own chain", () => {
    const [, bars] = JSON.parse(renderRepresentatives([components, loops], "cocycle"));
    expect(bars[0].cocycle).toEqual({
      simplices: [
        [0, 4],
        [1, 3],
      ],
      coefficients: [1, 16],
    });
    expect(bars[1].cocycle).toEqual({ simplices: [[2, 3]], coefficients: [1] });
    expect(chainSimplices([components, loops])).toBe(3);
  });

  it("writes loops with their vertices", () => {
    const [bars] = JSON.parse(renderRepresentatives([{ ...loops, loopVertices: Uint32Array.of(0, 4, 2) }], "cycle"));
    expect(bars[0].cycle.vertices).toEqual([0, 4]);
    expect(bars[1].cycle.vertices).toEqual([2]);
  });
});
