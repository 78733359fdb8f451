import { expect, test } from "vitest";
import { retryWaitMs } from "./retry-schedule.ts";

const middle = () => 0.5;

test("waits grow four times each, up to eight hours, and ten attempts take about a day", () => {
  const waits = Array.from({ length: 9 }, (_, i) => retryWaitMs(i + 1, null, middle));
  expect(waits.slice(0, 4)).toEqual([5_000, 20_000, 80_000, 320_000]);
  expect(waits.at(-1)).toBe(8 * 3_600_000);
  const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(28);
});

test("they are spread by a tenth", () => {
  expect([retryWaitMs(1, null, () => 0), retryWaitMs(1, null, () => 1)]).toEqual([4_500, 5_500]);
});

test("a host is given the time that it asks for, up to a day, and never less than the wait", () => {
  expect(retryWaitMs(1, 60_000, middle)).toBe(60_000);
  expect(retryWaitMs(1, 1_000, middle)).toBe(5_000);
  expect(retryWaitMs(1, 1e12, middle)).toBe(86_400_000);
});
