import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { circle, randomPoints, toCsv } from "./support/inputs.ts";
import { becameJob } from "./support/jobs.ts";
import { type Target, target } from "./support/product.ts";
import { approximated, type Bar, computed, refused } from "./support/shapes.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

const subsampled = { method: "subsample", error_kind: "additive", error_bound: expect.any(Number) };
const sparsified = (epsilon: number) => ({
  method: "sparse-rips",
  error_kind: "multiplicative",
  error_bound: 1 / (1 - epsilon),
  cover_radius: null,
});
const essential = (bars: readonly Bar[] | undefined) => (bars ?? []).filter(([, death]) => death === null);

describe("an approximation", () => {
  it("is never given for an exact diagram: only what asks for it gets one", async () => {
    const points = randomPoints(300, 2, 901);
    const exact = computed(await api.compute({ points }));
    const asked = computed(await api.compute({ points, approximation: null }));
    expect(asked.diagrams).toEqual(exact.diagrams);
    expect(exact.parameters.approximation).toBeNull();
  });

  it("by a subsample of a circle finds the circle within twice the cover radius", async () => {
    const points = circle(1000);
    const approximation = { method: "subsample", points: 50 };
    const exact = computed(await api.compute({ points }));
    const given = approximated(await api.compute({ points, approximation }), subsampled);
    expect(given.parameters.approximation).toEqual(approximation);
    expect(given.statistics.points).toBe(50);
    const { cover_radius, error_bound } = given.provenance;
    expect(cover_radius).toBeGreaterThan(0);
    expect(error_bound).toBe(2 * cover_radius!);
    expect(error_bound).toBeLessThan(0.4);
    expect(given.diagrams[1]).toHaveLength(1);
    const [birth, death] = given.diagrams[1]![0]!;
    const [exactBirth, exactDeath] = exact.diagrams[1]![0]!;
    expect(Math.abs(birth - exactBirth)).toBeLessThanOrEqual(error_bound);
    expect(Math.abs(death! - exactDeath!)).toBeLessThanOrEqual(error_bound);
  });

  it("by sparse Rips finds the circle within its factor, on fewer edges", async () => {
    const points = circle(1000);
    const exact = computed(await api.compute({ points }));
    const given = approximated(
      await api.compute({ points, approximation: { method: "sparse-rips", epsilon: 0.5 } }),
      sparsified(0.5),
    );
    expect(given.statistics.points).toBe(1000);
    expect(given.statistics.edges).toBeLessThan(exact.statistics.edges / 4);
    const [birth, death] = given.diagrams[1]!.toSorted((a, b) => b[1]! - b[0] - (a[1]! - a[0]))[0]!;
    const [exactBirth, exactDeath] = exact.diagrams[1]![0]!;
    expect(birth).toBeGreaterThanOrEqual(exactBirth);
    expect(birth).toBeLessThanOrEqual(2 * exactBirth);
    expect(death).toBeGreaterThanOrEqual(exactDeath!);
    expect(death).toBeLessThanOrEqual(2 * exactDeath!);
  });

  it("leaves no loop open that the exact diagram closes", async () => {
    const points = [
      [0, 0],
      [1, 0.4],
      [0, 1],
      [1, 0.6],
    ];
    const exact = computed(await api.compute({ points }));
    expect(exact.diagrams[1]).toHaveLength(1);
    expect(exact.diagrams[1]![0]![0]).toBeCloseTo(1.07703, 5);
    expect(exact.diagrams[1]![0]![1]).toBeCloseTo(1.16619, 5);
    for (const epsilon of [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
      const approximation = { method: "sparse-rips", epsilon };
      const { diagrams } = approximated(await api.compute({ points, approximation }), sparsified(epsilon));
      expect([essential(diagrams[0]).length, essential(diagrams[1]).length], `epsilon ${epsilon}`).toEqual([1, 0]);
    }
    for (const count of [1, 2, 3]) {
      const approximation = { method: "subsample", points: count };
      const { diagrams } = approximated(await api.compute({ points, approximation }), subsampled);
      expect([essential(diagrams[0]).length, essential(diagrams[1]).length], `${count} points`).toEqual([1, 0]);
    }
  });

  it("by all points is exact, and says so", async () => {
    const points = randomPoints(60, 3, 902);
    const exact = computed(await api.compute({ points }));
    const all = computed(await api.compute({ points, approximation: { method: "subsample", points: 60 } }));
    expect(all.diagrams).toEqual(exact.diagrams);
  });

  it("is cached apart from the exact diagram and from others", async () => {
    const points = randomPoints(200, 2, 903);
    const requests = [
      {},
      { approximation: { method: "subsample", points: 40 } },
      { approximation: { method: "subsample", points: 41 } },
      { approximation: { method: "sparse-rips", epsilon: 0.5 } },
      { approximation: { method: "sparse-rips", epsilon: 0.75 } },
    ];
    for (const cache of [/fwd=miss/, /hit/]) {
      const answers = [];
      for (const parameters of requests) {
        const answer = await api.compute({ points, ...parameters });
        expect(answer.headers["cache-status"]).toMatch(cache);
        answers.push(JSON.stringify(answer.json<{ diagrams: unknown }>().diagrams));
      }
      expect(new Set(answers).size).toBe(requests.length);
    }
  });

  it("may be asked for in the query of another body", async () => {
    const points = randomPoints(90, 2, 904);
    const ask = (text: string) =>
      api.call(`/v1/compute/vietoris-rips?approximation=${text}`, {
        headers: { "Content-Type": "text/csv" },
        body: toCsv(points),
      });
    const json = approximated(
      await api.compute({ points, approximation: { method: "subsample", points: 30 } }),
      subsampled,
    );
    const csv = approximated(await ask("subsample:30"), subsampled);
    expect(csv.diagrams).toEqual(json.diagrams);
    expect(csv.parameters).toEqual(json.parameters);
    approximated(await ask("sparse-rips:0.25"), sparsified(0.25));
    refused(await ask("sparse-rips"), 422, "validation_failed", "/approximation");
  });

  it("of a matrix is bounded by what the matrix says", async () => {
    const points = randomPoints(40, 2, 905);
    const distances = points.map((a, row) => points.slice(0, row).map((b) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!)));
    const given = approximated(
      await api.compute({ distances, approximation: { method: "subsample", points: 15 } }),
      subsampled,
    );
    expect(given.provenance.error_bound).toBeLessThanOrEqual(2 * given.provenance.cover_radius! + 1e-12);
    approximated(
      await api.compute({ distances, approximation: { method: "sparse-rips", epsilon: 0.5 } }),
      sparsified(0.5),
    );
  });

  it("is refused where it has no bound", async () => {
    const sparse_distances = { n: 3, rows: [0, 1], cols: [1, 2], values: [1, 1] };
    const births = [[1], [3, 2]];
    const rips = { method: "sparse-rips", epsilon: 0.5 };
    const sample = { method: "subsample", points: 1 };
    const points = [
      [1, 0],
      [0, 1],
      [1, 1],
    ];
    for (const body of [
      { sparse_distances, approximation: rips },
      { sparse_distances, approximation: sample },
      { points, metric: "cosine", approximation: rips },
      { distances: births, approximation: rips },
      { distances: [[], [null]], approximation: sample },
    ]) {
      refused(await api.compute(body), 422, "not_supported", "/approximation");
    }
  });

  it.each([
    [{ method: "guess" }, "/approximation/method"],
    [{ method: "sparse-rips" }, "/approximation/epsilon"],
    [{ method: "sparse-rips", epsilon: 1 }, "/approximation/epsilon"],
    [{ method: "sparse-rips", epsilon: 0 }, "/approximation/epsilon"],
    [{ method: "subsample", points: 0 }, "/approximation/points"],
    [{ method: "subsample", points: 10, epsilon: 0.1 }, "/approximation/epsilon"],
    ["sparse-rips", "/approximation"],
  ])("%j is refused", async (approximation, pointer) => {
    refused(await api.compute({ points: [[0], [1]], approximation }), 422, "validation_failed", pointer);
  });
});

describe("what does not fit", () => {
  it("is told that an approximation may", async () => {
    const points = randomPoints(2000, 3, 906);
    const budget = { points, max_dimension: 1, memory_limit_bytes: 1_000_000 };
    const tooLarge = refused(await api.compute(budget), 422, "memory_limit_exceeded") as unknown as { hint: string };
    expect(tooLarge.hint).toContain("approximation");
    const approximation = { method: "subsample", points: 150 };
    approximated(await api.compute({ ...budget, approximation }), subsampled);
    await becameJob(api, await api.compute({ points: randomPoints(3000, 6, 907), max_dimension: 6 }));
  });

  it("is estimated as what would be computed", async () => {
    const points = randomPoints(3000, 3, 908);
    const estimate = async (more: object) => {
      const answer = await api.post("/v1/compute/estimate", { points, max_dimension: 2, ...more });
      expect(answer.status, answer.text()).toBe(200);
      return answer.json<{ edges: number; bytes: number; seconds: number; points: number }>();
    };
    const exact = await estimate({});
    for (const approximation of [
      { method: "subsample", points: 200 },
      { method: "sparse-rips", epsilon: 0.95 },
    ]) {
      const given = await estimate({ approximation });
      expect(given.edges).toBeLessThan(exact.edges / 4);
      expect(given.seconds).toBeLessThan(exact.seconds / 4);
      expect(given.bytes).toBeLessThan(exact.bytes);
    }
  });
});
