import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { problemOf } from "../../../test/support/problem-of.ts";
import { exceedsDepth, parseJsonBody } from "./json-body.ts";

const parse = (text: string) => parseJsonBody(Buffer.from(text));

describe("parseJsonBody", () => {
  it("gives what JSON.parse gives", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("reads a byte order mark and text beyond ASCII", () => {
    expect(parse('\uFEFF{"ä": "日本"}')).toEqual({ ä: "日本" });
  });

  it.each(["", "{", '{"a": [1, 2', "NaN", "[1,]", "{'a': 1}", "[1] [2]", "\uFEFF"])("refuses %j", (text) => {
    expect(problemOf(() => parse(text)).code).toBe("invalid_json");
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(problemOf(() => parseJsonBody(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).code).toBe("invalid_json");
  });

  it("never quotes the body in its detail", () => {
    expect(problemOf(() => parse('{"secret": oops}')).detail).not.toContain("secret");
  });

  it.each(["[", '{"a":', "[{"])("refuses 10,000 nested %s without parsing", (opening) => {
    expect(problemOf(() => parse(opening.repeat(10_000))).code).toBe("json_too_deep");
  });
});

describe("exceedsDepth", () => {
  const nested = (depth: number) => Buffer.from(`${"[".repeat(depth)}${"]".repeat(depth)}`);

  it("allows the limit and refuses one more", () => {
    expect(exceedsDepth(nested(32), 32)).toBe(false);
    expect(exceedsDepth(nested(33), 32)).toBe(true);
  });

  it("counts what is open, not what there is", () => {
    expect(exceedsDepth(Buffer.from("[[],[],[],{},[[]]]"), 3)).toBe(false);
  });

  it("ignores brackets in strings, escaped quotes included", () => {
    const text = JSON.stringify(["[[[[", '"[[[[', "\\", '\\"[[[[', "{".repeat(100)]);
    expect(exceedsDepth(Buffer.from(text), 1)).toBe(false);
  });

  it("agrees with a count over the parsed value", () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 0, max: 9 }), (text, limit) => {
        expect(exceedsDepth(Buffer.from(text), limit)).toBe(depthOf(JSON.parse(text)) > limit);
      }),
    );
  });
});
