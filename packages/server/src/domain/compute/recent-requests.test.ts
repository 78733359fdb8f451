import { describe, expect, it } from "vitest";
import { RecentRequests, type RequestScope } from "./recent-requests.ts";

const known = (name: string) => ({ contentKey: name, parameters: `{"${name}":1}` });
const body = (text: string) => Buffer.from(text);
const scope = (more: Partial<RequestScope> = {}): RequestScope => ({
  projectId: "prj_a",
  mediaType: "application/json",
  encoding: null,
  query: "",
  prefer: "",
  ...more,
});

describe("RecentRequests", () => {
  it("finds a body by its bytes, within its scope", () => {
    const recent = new RecentRequests();
    recent.keep(scope(), body("[1,2]"), known("x"));
    expect(recent.find(scope(), body("[1,2]"))).toMatchObject(known("x"));
    expect(recent.find(scope(), body("[1,3]"))).toBeUndefined();
    expect(recent.find(scope(), body("[1,2] "))).toBeUndefined();
  });

  it.each<Partial<RequestScope>>([
    { projectId: "prj_b" },
    { mediaType: "text/csv" },
    { encoding: "gzip" },
    { query: "max_dimension=2" },
    { prefer: "wait=10" },
  ])("tells equal bodies apart by %o", (more) => {
    const recent = new RecentRequests();
    recent.keep(scope(), body("[1,2]"), known("x"));
    expect(recent.find(scope(more), body("[1,2]"))).toBeUndefined();
  });

  it("keeps the same request of two projects, whatever the other does", () => {
    const recent = new RecentRequests();
    for (const projectId of ["prj_a", "prj_b"]) recent.keep(scope({ projectId }), body("[1,2]"), known(projectId));
    for (const projectId of ["prj_a", "prj_b"]) {
      expect(recent.find(scope({ projectId }), body("[1,2]"))).toMatchObject(known(projectId));
    }
  });

  it("compares every byte, not only those that it samples", () => {
    const recent = new RecentRequests();
    const kept = Buffer.alloc(10_000, "1");
    recent.keep(scope(), kept, known("x"));
    for (let at = 0; at < kept.length; at += 97) {
      const other = Buffer.from(kept);
      other[at] = 0x32;
      expect(recent.find(scope(), other)).toBeUndefined();
    }
    expect(recent.find(scope(), Buffer.from(kept))).toBeDefined();
  });

  it("keeps a copy: the caller's buffer may change", () => {
    const recent = new RecentRequests();
    const given = body("[1,2]");
    recent.keep(scope(), given, known("x"));
    given.fill(0);
    expect(recent.find(scope(), body("[1,2]"))).toBeDefined();
  });

  it("forgets the oldest beyond its memory, and never keeps a large body", () => {
    const recent = new RecentRequests();
    const bodies = Array.from({ length: 200 }, (_, i) => Buffer.alloc(65_536, `${i},`));
    bodies.forEach((one, i) => {
      recent.keep(scope(), one, known(String(i)));
    });
    const found = bodies.map((one) => recent.find(scope(), one) !== undefined);
    expect(found.at(-1)).toBe(true);
    expect(found[0]).toBe(false);
    expect(found.filter(Boolean).length * 65_536).toBeLessThanOrEqual(8 * 1024 * 1024);
    const large = Buffer.alloc(65_537);
    recent.keep(scope(), large, known("large"));
    expect(recent.find(scope(), large)).toBeUndefined();
  });
});
