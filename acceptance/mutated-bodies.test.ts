import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { randomNumbers, toCsv, toNpy } from "./support/inputs.ts";
import { type Target, target } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

/** Valid bodies with a few bytes changed, cut, doubled or put in: every answer is a result or a client's error. */
const rounds = 200;
const points = [
  [0, 0.5],
  [1, -1e-3],
  [2.25, 1e3],
  [-4, 3],
];
const sparse = { n: 4, rows: [0, 1, 2], cols: [1, 2, 3], values: [1, 0.5, 2] };
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const bodies: Record<string, { type: string; encoding?: string; body: Uint8Array }> = {
  "JSON points": { type: "application/json", body: json({ points, metric: "minkowski", minkowski_p: 3, threads: 1 }) },
  "JSON distances": { type: "application/json", body: json({ distances: [[], [1], [2, null]], threshold: 1.5 }) },
  "JSON sparse distances": { type: "application/json", body: json({ sparse_distances: sparse, coefficient_field: 3 }) },
  CSV: { type: "text/csv", body: Buffer.from(`"x","y"\n${toCsv(points)}`) },
  "NPY of float64": { type: "application/x-npy", body: toNpy(points) },
  "NPY of float32": { type: "application/x-npy", body: toNpy(points, { type: "<f4", fortran: true, version: 2 }) },
  gzip: { type: "application/json", encoding: "gzip", body: gzipSync(json({ points })) },
  zstd: { type: "application/json", encoding: "zstd", body: zstdCompressSync(json({ points })) },
};

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

function mutated(body: Uint8Array, random: () => number): Buffer {
  let bytes = Buffer.from(body);
  for (let change = Math.floor(random() * 3); change >= 0; change--) {
    const at = Math.floor(random() * (bytes.length + 1));
    const value =
      random() < 0.5 ? Math.floor(random() * 256) : '0123456789-+.eE,:"[]{}()nul\n \\'.charCodeAt(random() * 30);
    const kind = Math.floor(random() * 5);
    if (kind === 0 && at < bytes.length) bytes[at] = value;
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else if (kind === 3) bytes = Buffer.from(bytes.subarray(0, at));
    else bytes = Buffer.concat([bytes, bytes.subarray(at)]);
  }
  return bytes;
}

describe("mutated bodies", () => {
  it.each(Object.entries(bodies))("%s", async (name, { type, encoding, body }) => {
    const headers = { "Content-Type": type, ...(encoding === undefined ? {} : { "Content-Encoding": encoding }) };
    for (let seed = 0; seed < rounds; seed++) {
      const bytes = mutated(body, randomNumbers(seed * 8 + Object.keys(bodies).indexOf(name)));
      const answer = await api.call("/v1/compute/vietoris-rips", { headers, body: bytes });
      if (answer.status === 200) computed(answer);
      else {
        expect([400, 413, 415, 422], `seed ${seed}: ${bytes.toString("latin1")}`).toContain(answer.status);
        refused(answer, answer.status, /./);
      }
    }
  });

  it("leave the server as it was", async () => {
    computed(await api.compute({ points }));
  });
});
