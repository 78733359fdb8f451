import { connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Api } from "./support/http.ts";
import { randomPoints, toCsv, toNpy, unitSquare } from "./support/inputs.ts";
import { externalUrl, type Target, target } from "./support/product.ts";
import { type ComputeAnswer, computed, refused } from "./support/shapes.ts";

const path = "/v1/compute/vietoris-rips";
const limitBytes = 2 * 1024 * 1024;
let server: Target;
let api: Api;
let square: ComputeAnswer["diagrams"];

beforeAll(async () => {
  server = await target({ TDA_BODY_LIMIT_BYTES: String(limitBytes) });
  api = server.api;
  square = computed(await api.compute({ points: unitSquare })).diagrams;
});
afterAll(async () => {
  computed(await api.compute({ points: [[0], [2]] }));
  await server.dispose();
});

function send(body: Uint8Array, encoding: string, type = "application/json"): Promise<Answer> {
  return api.call(path, { headers: { "Content-Type": type, "Content-Encoding": encoding }, body });
}

const json = Buffer.from(JSON.stringify({ points: unitSquare }));

describe("compressed bodies", () => {
  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const)("reads %s of each kind", async (coding, compress) => {
    expect(computed(await send(compress(json), coding)).diagrams).toEqual(square);
    expect(computed(await send(compress(toCsv(unitSquare)), coding, "text/csv")).diagrams).toEqual(square);
    expect(computed(await send(compress(toNpy(unitSquare)), coding, "application/x-npy")).diagrams).toEqual(square);
  });

  it("reads a large one, and one without a Content-Length", async () => {
    const points = randomPoints(20_000, 2, 41);
    const body = gzipSync(JSON.stringify({ points, threshold: 0.001 }));
    const whole = computed(await send(body, "gzip"));
    const pieces = [body.subarray(0, 1000), body.subarray(1000, 1001), body.subarray(1001)];
    const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
    expect(computed(await api.call(path, { headers, body: pieces })).diagrams).toEqual(whole.diagrams);
  });

  it("reads the coding's name in any case, and identity", async () => {
    computed(await send(gzipSync(json), "GZIP"));
    computed(await send(json, "identity"));
  });

  it("tells the compressed bytes from the plain ones", async () => {
    const raw = gzipSync(json);
    computed(await send(raw, "gzip"));
    refused(await api.call(path, { headers: { "Content-Type": "application/json" }, body: raw }), 400, "invalid_json");
  });

  it.each([
    ["br", brotliCompressSync(json)],
    ["deflate", deflateSync(json)],
    ["compress", json],
    ["gzip, gzip", gzipSync(gzipSync(json))],
    ["gzip,zstd", zstdCompressSync(gzipSync(json))],
    ["no-such-coding", json],
  ])("refuses %s", async (coding, body) => {
    refused(await send(body, coding), 415, "unsupported_content_encoding");
  });

  it.each([
    ["gzip", json],
    ["zstd", json],
    ["gzip", gzipSync(json).subarray(0, -6)],
    ["gzip", gzipSync(json).subarray(0, 12)],
    ["zstd", zstdCompressSync(json).subarray(0, -4)],
    ["gzip", new Uint8Array()],
  ])("refuses broken %s", async (coding, body) => {
    refused(await send(body, coding), 400, "invalid_content_encoding");
  });
});

describe.skipIf(externalUrl !== undefined)("too much", () => {
  it("refuses a body over the limit, by its Content-Length or as it comes", async () => {
    const body = Buffer.alloc(limitBytes + 1, " ");
    const headers = { "Content-Type": "application/json" };
    refused(await api.call(path, { headers, body }), 413, "body_too_large");
    const pieces = Array.from({ length: 64 }, () => Buffer.alloc(limitBytes / 32, " "));
    refused(await api.call(path, { headers, body: pieces }), 413, "body_too_large");
  });

  it("reads a body at the limit", async () => {
    const body = Buffer.concat([json, Buffer.alloc(limitBytes - json.length, " ")]);
    computed(await api.call(path, { headers: { "Content-Type": "application/json" }, body }));
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const)("counts the bytes after %s", async (coding, compress) => {
    const noise = JSON.stringify({ points: randomPoints(80_000, 2, 42) });
    expect(noise.length).toBeGreaterThan(limitBytes);
    const body = compress(noise);
    expect(body.length).toBeLessThan(limitBytes);
    refused(await send(body, coding), 413, "body_too_large");
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const)("stops a bomb of %s", async (coding, compress) => {
    // A little under the limit, so that only the ratio can be what is refused.
    const body = compress(Buffer.concat([json, Buffer.alloc(limitBytes - 4096, " ")]));
    expect((limitBytes - 4096) / body.length).toBeGreaterThan(100);
    refused(await send(body, coding), 413, /^(compression_ratio_exceeded|body_too_large)$/);
    const huge = compress(Buffer.alloc(200 * limitBytes));
    refused(await send(huge, coding), 413, /^(compression_ratio_exceeded|body_too_large)$/);
  });

  it("reads small bodies that compress very well", async () => {
    const points = Array.from({ length: 50 }, () => [0, 0]);
    computed(await send(gzipSync(JSON.stringify({ points })), "gzip"));
  });

  it("refuses headers over the limit", async () => {
    const answer = await api.get("/health/live", { "X-Padding": "x".repeat(40_000) });
    refused(answer, 431, "headers_too_large");
  });

  it("refuses more points than the server takes", async () => {
    const { limits } = (await api.get("/v1/limits")).json<{ limits: { name: string; value: number }[] }>();
    const most = limits.find((limit) => limit.name === "points")!.value;
    const answer = await api.compute({ sparse_distances: { n: most + 1, rows: [], cols: [], values: [] } });
    refused(answer, 422, "point_limit_exceeded", "/sparse_distances/n");
  });
});

describe.skipIf(externalUrl !== undefined)("broken HTTP", () => {
  /** Writes bytes on a plain connection and reads until the server closes it. */
  function raw(text: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(server.product!.port, "127.0.0.1", () => socket.end(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      answer += part;
    });
    socket.on("error", reject).on("close", () => resolve(answer));
    return promise;
  }

  it.each([
    ["no HTTP", "hello\r\n\r\n"],
    ["an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["two lengths", `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    [
      "a length and chunks",
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["no host", "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["a header that is none", "GET /health/live HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"],
  ])("answers %s with a client's error, as a problem", async (_name, text) => {
    const answer = await raw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer.toLowerCase()).toContain("application/problem+json");
  });
});
