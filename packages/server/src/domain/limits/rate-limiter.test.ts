import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RateDecision, RateLimiter, type SharedRate, type SharedRates } from "./rate-limiter.ts";

function now(decision: RateDecision | Promise<RateDecision>): RateDecision {
  if (decision instanceof Promise) return expect.unreachable("this takes no promise");
  return decision;
}

/** A shared count as all instances see it, with a clock of its own. */
class SharedCount implements SharedRates {
  isUp = true;
  asked = 0;
  tat = 0;
  nowMs = 0;

  async take(_key: string, count: number, { intervalMs, toleranceMs }: SharedRate, isForced: boolean) {
    if (!this.isUp) throw new Error("gone");
    this.asked++;
    const after = Math.max(this.tat, this.nowMs) + count * intervalMs;
    const isAllowed = isForced || after - this.nowMs <= toleranceMs + 1e-6;
    if (isAllowed) this.tat = after;
    return { isAllowed, debtMs: Math.max(0, this.tat - this.nowMs) };
  }
}

describe("alone", () => {
  it("lets a burst through, then one an interval, and tells when", () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 3 }, null, () => 1);
    const at = (ms: number) => now(limiter.take("a", ms));
    expect([at(0), at(0), at(0)].map(({ isAllowed, remaining }) => [isAllowed, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
    ]);
    const refused = at(0);
    expect(refused.isAllowed).toBe(false);
    expect(refused.retryAfterMs).toBeCloseTo(100);
    expect(at(99).isAllowed).toBe(false);
    expect(at(100).isAllowed).toBe(true);
    expect(at(100).isAllowed).toBe(false);
    expect(at(10_000).remaining).toBe(2);
  });

  it("counts each key for itself", () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, null, () => 1);
    expect(now(limiter.take("a", 0)).isAllowed).toBe(true);
    expect(now(limiter.take("a", 0)).isAllowed).toBe(false);
    expect(now(limiter.take("b", 0)).isAllowed).toBe(true);
  });

  it("never lets more through than the burst and what the time earns, whenever they come", () => {
    const waits = fc.array(fc.nat(50), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        waits,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (steps, perSecond, burst) => {
          const limiter = new RateLimiter({ perSecond, burst }, null, () => 1);
          const allowed: number[] = [];
          let ms = 0;
          for (const step of steps) {
            ms += step;
            if (now(limiter.take("a", ms)).isAllowed) allowed.push(ms);
          }
          for (const [i, from] of allowed.entries()) {
            const to = allowed.at(-1)!;
            expect(allowed.length - i).toBeLessThanOrEqual(burst + ((to - from) / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });

  it("has a share of the limit where there are several instances, and one request at least", () => {
    let instances = 4;
    const limiter = new RateLimiter({ perSecond: 8, burst: 8 }, null, () => instances);
    const allowed = () =>
      Array.from({ length: 20 }, () => now(limiter.take("a", 0))).filter((one) => one.isAllowed).length;
    expect(allowed()).toBe(2);
    instances = 1000;
    const tiny = new RateLimiter({ perSecond: 8, burst: 8 }, null, () => instances);
    expect(Array.from({ length: 5 }, () => now(tiny.take("a", 0)).isAllowed)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("with shared counts", () => {
  it("several instances together let one burst through, exactly", async () => {
    const shared = new SharedCount();
    const limiters = Array.from({ length: 3 }, () => new RateLimiter({ perSecond: 1, burst: 10 }, shared, () => 3));
    let allowed = 0;
    for (let i = 0; i < 40; i++) if ((await limiters[i % 3]!.take("a", 0)).isAllowed) allowed++;
    expect(allowed).toBe(10);
  });

  it("does not ask while much is left, and tells afterwards what it let through", async () => {
    const shared = new SharedCount();
    const limiter = new RateLimiter({ perSecond: 10_000, burst: 10_000 }, shared, () => 1);
    for (let i = 0; i < 100; i++) expect(now(limiter.take("a", performance.now())).isAllowed).toBe(true);
    expect(shared.asked).toBe(0);
    while (shared.asked === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(shared.asked).toBe(1);
    expect(shared.tat).toBeCloseTo(10);
  });

  it("does not ask again before a refusal's time is over", async () => {
    const shared = new SharedCount();
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, shared, () => 1);
    await limiter.take("a", 0);
    const { asked } = shared;
    for (let i = 0; i < 10; i++) expect((await limiter.take("a", 1)).isAllowed).toBe(false);
    expect(shared.asked).toBe(asked);
  });

  it("has its share when they are gone, and their count when they are back", async () => {
    const shared = new SharedCount();
    const limiter = new RateLimiter({ perSecond: 1, burst: 10 }, shared, () => 5);
    shared.isUp = false;
    const first = Array.from({ length: 4 }, () => now(limiter.take("a", 0)).isAllowed);
    expect(first).toEqual([true, true, false, false]);
    shared.isUp = true;
    shared.tat = 9_000;
    expect((await limiter.take("b", 0)).isAllowed).toBe(true);
    expect((await limiter.take("b", 0)).isAllowed).toBe(false);
  });
});
