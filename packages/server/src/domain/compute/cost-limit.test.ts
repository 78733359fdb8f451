import { describe, expect, it } from "vitest";
import { simplexBound } from "./cost-limit.ts";

describe("simplexBound", () => {
  it("counts the simplices of the full complex up to one dimension above", () => {
    expect(simplexBound(4, 1)).toBe(4 + 6 + 4);
    expect(simplexBound(4, 10)).toBe(15);
    expect(simplexBound(100, 0)).toBe(100 + 4950);
    expect(simplexBound(0, 3)).toBe(0);
    expect(simplexBound(1, 16)).toBe(1);
  });

  it("stays a number where it is astronomical", () => {
    expect(simplexBound(2_000_000, 16)).toBeGreaterThan(1e90);
  });
});
