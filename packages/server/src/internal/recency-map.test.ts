import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecencyMap } from "./recency-map.ts";

/** The same by a list, oldest first. */
class ListModel {
  entries: [string, number][] = [];

  get(key: string): number | undefined {
    const entry = this.entries.find(([name]) => name === key);
    if (entry !== undefined) this.set(key, entry[1]);
    return entry?.[1];
  }

  set(key: string, value: number): void {
    this.delete(key);
    this.entries.push([key, value]);
  }

  delete(key: string): number | undefined {
    const at = this.entries.findIndex(([name]) => name === key);
    return at === -1 ? undefined : this.entries.splice(at, 1)[0]![1];
  }
}

describe("RecencyMap", () => {
  it("behaves as a list in the order of use", () => {
    const step = fc.tuple(fc.constantFrom("get", "set", "delete"), fc.constantFrom("a", "b", "c", "d"), fc.nat(9));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const map = new RecencyMap<string, number>();
        const model = new ListModel();
        for (const [what, key, value] of steps) {
          if (what === "set") {
            map.set(key, value);
            model.set(key, value);
          } else {
            expect(map[what as "get" | "delete"](key)).toBe(model[what as "get" | "delete"](key));
          }
          expect(map.size).toBe(model.entries.length);
          const oldest = model.entries[0];
          expect(map.oldest === null ? undefined : [map.oldest.key, map.oldest.value]).toEqual(oldest);
        }
        for (const [key, value] of model.entries) {
          expect([map.oldest?.key, map.delete(key)]).toEqual([key, value]);
        }
        expect([map.size, map.oldest]).toEqual([0, null]);
      }),
    );
  });
});
