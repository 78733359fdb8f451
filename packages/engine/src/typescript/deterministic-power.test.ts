import { describe, expect, it } from "vitest";
import { binaryExponent, deterministicPower, scaleByPowerOfTwo } from "./deterministic-power.ts";

describe("deterministicPower", () => {
  it("is exact where the result is known", () => {
    expect(deterministicPower(0, 1.5)).toBe(0);
    expect(deterministicPower(1, 3.7)).toBe(1);
    for (let e = -300; e <= 300; ++e) expect(deterministicPower(2 ** e, 3)).toBe(2 ** (3 * e));
    expect(deterministicPower(4, 0.5)).toBe(2);
  });

  it("is within two units in the last place of the platform's power", () => {
    for (let k = 1; k <= 2_000; ++k) {
      const x = Math.abs(Math.sin(k)) * 10 ** ((k % 13) - 6);
      const y = 1 + (k % 17) / 3;
      const expected = x ** y;
      expect(Math.abs(deterministicPower(x, y) - expected)).toBeLessThanOrEqual(2 * Number.EPSILON * expected);
    }
  });

  it("goes to zero below the smallest number", () => {
    expect(deterministicPower(1e-200, 3)).toBe(0);
    expect(deterministicPower(2 ** -358, 3)).toBe(2 ** -1074);
  });
});

describe("powers of two", () => {
  it("reads the exponent of any positive number", () => {
    for (const e of [-1074, -1040, -1022, -1, 0, 1, 52, 1023]) expect(binaryExponent(2 ** e)).toBe(e);
    expect(binaryExponent(3)).toBe(1);
    expect(binaryExponent(Number.MAX_VALUE)).toBe(1023);
  });

  it("scales exactly, also by more than the largest power", () => {
    expect(scaleByPowerOfTwo(3 * 2 ** -1074, 1074)).toBe(3);
    expect(scaleByPowerOfTwo(1.5 * 2 ** 1023, -1023)).toBe(1.5);
  });
});
