import { describe, expect, it } from "vitest";
import { RecentRequests } from "./recent-requests.ts";

const known = (name: string) => ({ contentKey: name, parameters: `{"${name}":1}` });
const body = (text: string) => Buffer.from(text);

describe("RecentRequests", () => {
  it("finds a body by its bytes, within its scope", () => {
    const recent = new RecentRequests();
    recent.keep("a\n", body("[1,2]"), known("x"));
    expect(recent.find("a\n", body("[1,2]"))).toMatchObject(known("x"));
    expect(recent.find("b\n", body("[1,2]"))).toBeUndefined();
    expect(recent.find("a\n", body("[1,3]"))).toBeUndefined();
    expect(recent.find("a\n", body("[1,2] "))).toBeUndefined();
  });

  it("compares every byte, not only those that it samples", () => {
    const recent = new RecentRequests();
    const kept = Buffer.alloc(10_000, "1");
    recent.keep("", kept, known("x"));
    for (let at = 0; at < kept.length; at += 97) {
      const other = Buffer.from(kept);
      other[at] = 0x32;
      expect(recent.find("", other)).toBeUndefined();
    }
    expect(recent.find("", Buffer.from(kept))).toBeDefined();
  });

  it("keeps a copy: the caller's buffer may change", () => {
    const recent = new RecentRequests();
    const given = body("[1,2]");
    recent.keep("", given, known("x"));
    given.fill(0);
    expect(recent.find("", body("[1,2]"))).toBeDefined();
  });

  it("forgets the oldest beyond its memory, and never keeps a large body", () => {
    const recent = new RecentRequests();
    const bodies = Array.from({ length: 200 }, (_, i) => Buffer.alloc(65_536, `${i},`));
    bodies.forEach((one, i) => {
      recent.keep("", one, known(String(i)));
    });
    const found = bodies.map((one) => recent.find("", one) !== undefined);
    expect(found.at(-1)).toBe(true);
    expect(found[0]).toBe(false);
    expect(found.filter(Boolean).length * 65_536).toBeLessThanOrEqual(8 * 1024 * 1024);
    const large = Buffer.alloc(65_537);
    recent.keep("", large, known("large"));
    expect(recent.find("", large)).toBeUndefined();
  });
});
