import { createSecretKey, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { renderBars } from "../compute/render-bars.ts";
import { parseRipsRequest, type RawRipsRequest } from "../input/rips-request.ts";
import { Offload } from "./offload.ts";
import { keyedDigest } from "./tasks.ts";

const offload = new Offload({ threads: 2, queueLimit: 4 });
afterAll(() => offload.close());

const raw = (bytes: Buffer, encoding: "gzip" | null = null): RawRipsRequest => ({
  bytes,
  mediaType: "application/json",
  encoding,
  query: "",
  bodyLimitBytes: 1e8,
});
const points = Array.from({ length: 60_000 }, (_, i) => [Math.sin(i), Math.cos(i)]);
const large = () => Buffer.from(JSON.stringify({ points, max_dimension: 0 }));

describe("Offload", () => {
  it("gives the same for a large request on a thread as for a small one at once", async () => {
    const expected = parseRipsRequest(raw(large()));
    expect(large().length).toBeGreaterThan(1_048_576);
    expect(await offload.parse(raw(large()))).toEqual(expected);
    expect(await offload.parse(raw(gzipSync(large()), "gzip"))).toEqual(expected);
  });

  it("brings problems back as they are", async () => {
    const broken = Buffer.from(JSON.stringify({ points: [...points, [1]] }));
    await expect(offload.parse(raw(broken))).rejects.toMatchObject({
      code: "ragged_rows",
      places: [{ pointer: "/points/60000" }],
    });
    const truncated = large().subarray(0, -10);
    await expect(offload.parse(raw(truncated))).rejects.toMatchObject({ code: "invalid_json" });
  });

  it("digests bytes of any size alike, and gives them back", async () => {
    const key = createSecretKey(randomBytes(32));
    for (const size of [0, 100, 3_000_000]) {
      const bytes = Buffer.alloc(size, "0123456789");
      const copy = Buffer.from(bytes);
      const answer = await offload.digest(key, "prefix\n", bytes);
      expect(answer.digest).toBe(keyedDigest(key, "prefix\n", copy));
      expect(answer.bytes.equals(copy)).toBe(true);
    }
  });

  it("writes large diagrams as small ones", async () => {
    const diagram = Float64Array.from({ length: 80_000 }, (_, i) => (i === 79_999 ? Number.POSITIVE_INFINITY : i / 7));
    const bars = { diagrams: [diagram, new Float64Array(0)], representatives: null, kind: "none" } as const;
    expect(Buffer.from(await offload.render(bars)).toString()).toBe(renderBars(bars));
  });

  it("refuses more than its queue holds", async () => {
    const small = new Offload({ threads: 1, queueLimit: 1 });
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => small.parse(raw(large()))));
    const refused = results.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(2);
    for (const one of refused)
      expect(one.reason).toMatchObject({ code: "overloaded", retryAfterSeconds: expect.any(Number) });
    await small.close();
  });
});
