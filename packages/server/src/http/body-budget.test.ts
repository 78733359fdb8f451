import { describe, expect, it } from "vitest";
import { BodyBudget } from "./body-budget.ts";

describe("BodyBudget", () => {
  it("counts large bodies and those of unknown length", () => {
    const counts = (length: string) => BodyBudget.counts({ "content-length": length });
    expect(["0", "65535", "65536", "1000000000"].map(counts)).toEqual([false, false, true, true]);
    expect(BodyBudget.counts({ "transfer-encoding": "chunked" })).toBe(true);
    expect(BodyBudget.counts({})).toBe(false);
  });

  it("gives out eight of the largest bodies, and takes back what is released, once", () => {
    const budget = new BodyBudget(100);
    const reservations = Array.from({ length: 8 }, () => budget.reserve());
    for (const one of reservations) expect(one.take(100)).toBe(true);
    const next = budget.reserve();
    expect(next.take(1)).toBe(false);
    reservations[0]!.release();
    reservations[0]!.release();
    expect(next.take(60)).toBe(true);
    expect(next.take(41)).toBe(false);
    expect(next.take(40)).toBe(true);
  });
});
