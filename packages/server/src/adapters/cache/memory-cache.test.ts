import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryCache } from "./memory-cache.ts";

const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

describe("MemoryCache", () => {
  it("gives back what was set, the latest under a key", () => {
    const cache = new MemoryCache(100_000);
    expect(cache.get("p", "a")).toBeUndefined();
    cache.set("p", "a", bytes(10, 1));
    cache.set("p", "a", bytes(20, 2));
    expect(cache.get("p", "a")).toEqual(bytes(20, 2));
    expect(cache.usage.entries).toBe(1);
  });

  it("keeps its own copy", () => {
    const cache = new MemoryCache(100_000);
    const given = bytes(10, 1);
    cache.set("p", "a", given);
    given.fill(9);
    expect(cache.get("p", "a")).toEqual(bytes(10, 1));
  });

  it("drops the least recently used first", () => {
    const cache = new MemoryCache(100_000);
    for (let i = 0; i < 9; i++) cache.set("p", `k${i}`, bytes(10_000));
    cache.get("p", "k0");
    cache.set("p", "new", bytes(10_000));
    expect(cache.get("p", "k0")).toBeDefined();
    expect(cache.get("p", "k1")).toBeUndefined();
    expect(cache.get("p", "new")).toBeDefined();
  });

  it("does not let one large value push out the others", () => {
    const cache = new MemoryCache(100_000);
    cache.set("p", "small", bytes(10));
    cache.set("p", "large", bytes(50_000));
    expect(cache.get("p", "large")).toBeUndefined();
    expect(cache.get("p", "small")).toBeDefined();
  });

  it("keeps nothing without a limit to keep it in", () => {
    const cache = new MemoryCache(0);
    cache.set("p", "a", bytes(0));
    expect(cache.get("p", "a")).toBeUndefined();
    expect(cache.usage).toEqual({ entries: 0, bytes: 0, limitBytes: 0 });
  });

  it("never passes its limit, whatever is set", () => {
    const operations = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f"), fc.nat(3000)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(operations, fc.integer({ min: 0, max: 20_000 }), (sets, limit) => {
        const cache = new MemoryCache(limit);
        for (const [key, size] of sets) {
          cache.set("p", key, bytes(size));
          expect(cache.usage.bytes).toBeLessThanOrEqual(limit);
          expect(cache.usage.bytes === 0).toBe(cache.usage.entries === 0);
        }
      }),
    );
  });
});
