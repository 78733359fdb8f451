import { expect, it } from "vitest";
import { byteSize, counted, duration, shortNumber } from "./numbers.ts";

it.each([
  [0, "0"],
  [0.31249999, "0.3125"],
  [12.5, "12.5"],
  [1.23e-7, "1.23e-7"],
  [1234567, "1.235e+6"],
])("shortNumber(%d) is %s", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

it.each([
  [3.14, "3.1 ms"],
  [250, "250 ms"],
  [2_500, "2.5 s"],
  [125_000, "2 min 5 s"],
])("duration(%d) is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it("says one bar and two bars", () => {
  expect([counted(1, "bar"), counted(2, "bar"), counted(1200, "edge")]).toEqual(["1 bar", "2 bars", "1,200 edges"]);
  expect([byteSize(512), byteSize(1536), byteSize(3 * 1024 ** 3)]).toEqual(["512 B", "1.5 KiB", "3.0 GiB"]);
});
