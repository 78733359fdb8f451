import { describe, expect, it } from "vitest";
import { problemOf } from "../../../test/support/problem-of.ts";
import { retryDelaySeconds } from "./job-attempt.ts";
import { costWarnings, orderDelaySeconds, refuseCostly } from "./job-cost.ts";

const cost = (seconds: number, bytes: number | null = null) => ({ seconds, bytes });

describe("the place in the queue", () => {
  it("is later for what costs more, within a bound", () => {
    expect(orderDelaySeconds(cost(1), 0)).toBeGreaterThan(orderDelaySeconds(cost(0.1), 0));
    expect(orderDelaySeconds(cost(1e9), 0)).toBe(orderDelaySeconds(cost(1e6), 0));
    expect(orderDelaySeconds(cost(Number.POSITIVE_INFINITY), 0)).toBe(orderDelaySeconds(cost(1e6), 0));
  });

  it("is earlier for a higher priority, whatever it costs", () => {
    expect(orderDelaySeconds(cost(1e9), 1)).toBeLessThan(orderDelaySeconds(cost(0), 0));
    expect(orderDelaySeconds(cost(1e9), 0)).toBeLessThan(orderDelaySeconds(cost(0), -1));
  });
});

describe("limits on cost", () => {
  it("are off where they are 0, and name the estimate where not", () => {
    refuseCostly(cost(1e9, 1e15), { maxJobSeconds: 0, maxJobMemoryBytes: 0 });
    refuseCostly(cost(5, null), { maxJobSeconds: 5, maxJobMemoryBytes: 1 });
    for (const limits of [
      { maxJobSeconds: 4, maxJobMemoryBytes: 0 },
      { maxJobSeconds: 0, maxJobMemoryBytes: 10 },
    ]) {
      expect(problemOf(() => refuseCostly(cost(5, 11), limits)).code).toBe("job_limit_exceeded");
    }
  });

  it("of a job itself are warnings", () => {
    const warn = (seconds: number, bytes: number | null, deadlineSeconds: number | null) =>
      costWarnings(cost(seconds, bytes), { memoryLimitBytes: 100, deadlineSeconds }).map(({ code }) => code);
    expect(warn(5, 100, 5)).toEqual([]);
    expect(warn(6, null, 5)).toEqual(["estimate_above_deadline"]);
    expect(warn(6, 101, null)).toEqual(["estimate_above_memory_limit"]);
  });
});

describe("the wait for another attempt", () => {
  it("doubles, is bounded, and is spread over its second half", () => {
    expect([0, 1, 2, 3].map((failures) => retryDelaySeconds(failures, () => 1))).toEqual([0.5, 1, 2, 4]);
    expect(retryDelaySeconds(0, () => 0)).toBe(0.25);
    expect(retryDelaySeconds(99, () => 1)).toBe(300);
  });
});
