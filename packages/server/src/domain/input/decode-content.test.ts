import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { problemOf } from "../../../test/support/problem-of.ts";
import { decodeContent } from "./decode-content.ts";

const codings = [
  ["gzip", gzipSync],
  ["zstd", zstdCompressSync],
] as const;
const text = Buffer.from(Array.from({ length: 300 }, (_, i) => Math.sin(i)).join(","));

describe.each(codings)("%s", (coding, compress) => {
  it("gives the bytes back", () => {
    expect(decodeContent(compress(text), coding, 1e6)).toEqual(text);
  });

  it("allows the limit and refuses one byte more", () => {
    expect(decodeContent(compress(text), coding, text.length)).toEqual(text);
    expect(problemOf(() => decodeContent(compress(text), coding, text.length - 1)).code).toBe("body_too_large");
  });

  it("refuses a ratio above 100, below the byte limit", () => {
    const bomb = compress(Buffer.alloc(1_000_000));
    expect(problemOf(() => decodeContent(bomb, coding, 1e9)).code).toBe("compression_ratio_exceeded");
  });

  it("refuses what is not its data", () => {
    for (const bytes of [text, compress(text).subarray(0, -5), Buffer.alloc(0)]) {
      expect(problemOf(() => decodeContent(bytes, coding, 1e6)).code).toBe("invalid_content_encoding");
    }
  });

  it("decodes one layer only", () => {
    expect(decodeContent(compress(compress(text)), coding, 1e6)).toEqual(compress(text));
  });
});
