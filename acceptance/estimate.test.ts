import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { randomPoints, toCsv, toNpy, unitSquare } from "./support/inputs.ts";
import { becameJob } from "./support/jobs.ts";
import { computations } from "./support/metrics.ts";
import { type Target, target } from "./support/product.ts";
import { computed } from "./support/shapes.ts";

interface Estimate {
  readonly points: number;
  readonly edges: number;
  readonly simplices: readonly number[];
  readonly bytes: number;
  readonly seconds: number;
}

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

async function estimate(body: unknown): Promise<Estimate> {
  const answer = await api.post("/v1/compute/estimate", body);
  expect(answer.status, answer.text()).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  return answer.json<Estimate>();
}

describe("the estimate", () => {
  it("counts a small input exactly", async () => {
    const distances = Array.from({ length: 12 }, (_, row) => Array.from({ length: row }, () => 1));
    const answer = await estimate({ distances, max_dimension: 2 });
    expect(answer).toMatchObject({ points: 12, edges: 66, threshold: 1 });
    expect(answer.simplices.map(Math.round)).toEqual([12, 66, 220, 495]);
  });

  it("has edges, simplices of each dimension, bytes and seconds", async () => {
    const answer = await estimate({ points: randomPoints(200, 3, 61), max_dimension: 2 });
    expect(answer.points).toBe(200);
    expect(answer.edges).toBeGreaterThan(0);
    expect(answer.edges).toBeLessThanOrEqual((200 * 199) / 2);
    expect(answer.simplices).toHaveLength(4);
    expect(answer.simplices[0]).toBe(200);
    for (const name of ["bytes", "seconds"] as const) expect(answer[name]).toBeGreaterThan(0);
  });

  it("knows that a threshold costs less, and a dimension more", async () => {
    const points = randomPoints(300, 3, 62);
    const base = await estimate({ points, max_dimension: 1 });
    const narrow = await estimate({ points, max_dimension: 1, threshold: 0.1 });
    const deep = await estimate({ points, max_dimension: 3 });
    expect(narrow.edges).toBeLessThan(base.edges);
    expect(narrow.seconds).toBeLessThan(base.seconds);
    expect(deep.seconds).toBeGreaterThan(base.seconds);
    expect(deep.bytes).toBeGreaterThan(base.bytes);
  });

  it("comes near the edges that the computation finds", async () => {
    for (const threshold of [0.1, 0.3, null]) {
      const request = { points: randomPoints(400, 3, 63), max_dimension: 1, threshold };
      const { edges } = computed(await api.compute(request)).statistics;
      const expected = await estimate(request);
      expect(expected.edges).toBeGreaterThan(edges / 2);
      expect(expected.edges).toBeLessThan(edges * 2);
    }
  });

  it("takes every kind of input and computes none", async () => {
    const before = await computations(api);
    expect(await estimate({ points: [] })).toMatchObject({ points: 0, edges: 0 });
    expect(await estimate({ points: [[1]] })).toMatchObject({ points: 1, edges: 0 });
    expect(await estimate({ distances: [[], [1], [null, 2]], threshold: 2 })).toMatchObject({ points: 3, edges: 2 });
    const sparse = { n: 5, rows: [0, 1], cols: [1, 2], values: [1, 2] };
    expect(await estimate({ sparse_distances: sparse, threshold: 1 })).toMatchObject({ points: 5, edges: 1 });
    for (const [body, type] of [
      [toCsv(unitSquare), "text/csv"],
      [toNpy(unitSquare), "application/x-npy"],
    ] as const) {
      const answer = await api.computeFile(body, type, { threshold: 1 }, "/v1/compute/estimate");
      expect(answer.status, answer.text()).toBe(200);
      expect(answer.json<Estimate>()).toMatchObject({ points: 4, edges: 4 });
    }
    expect(await computations(api)).toBe(before);
  });

  it("of a hopeless computation is an answer, and soon", async () => {
    const answer = await estimate({ points: randomPoints(20_000, 3, 64), max_dimension: 5 });
    expect(answer.seconds).toBeGreaterThan(3600);
  });

  it("makes such a computation a job, with what it would cost", async () => {
    const job = await becameJob(api, await api.compute({ points: randomPoints(20_000, 3, 64), max_dimension: 5 }));
    expect(job.estimate!.seconds).toBeGreaterThan(3600);
    expect(job.warnings.map(({ code }) => code)).toContain("estimate_above_memory_limit");
  });
});
