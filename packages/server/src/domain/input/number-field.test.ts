import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overflows, parseNumberField } from "./number-field.ts";

describe("parseNumberField", () => {
  it("reads back every number that JavaScript writes", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseNumberField(String(value))).toBe(Object.is(value, -0) ? 0 : value);
      }),
    );
  });

  it.each(["", " ", ".", "+", "1e", "1.2.3", "0x10", "1_000", "1,0", "one", "infinite", "nano", "٣", "1 2"])(
    "finds no number in %j",
    (text) => {
      expect(parseNumberField(text)).toBeUndefined();
    },
  );

  it("takes time in proportion to a long field", () => {
    // A pattern that can split the digits in two ways takes hours for this.
    expect(parseNumberField(`${"1".repeat(1_000_000)}x`)).toBeUndefined();
    expect(parseNumberField(`${"1".repeat(1_000_000)}.${"1".repeat(1_000_000)}x`)).toBeUndefined();
  });

  it("tells an infinity that was written from one that overflowed", () => {
    expect(
      ["inf", "-Infinity", "1e999", "-1e999", "1e308"].map((text) => overflows(text, parseNumberField(text)!)),
    ).toEqual([false, false, true, true, false]);
  });
});
