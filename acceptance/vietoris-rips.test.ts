import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { circle, fullMatrix, gridPoints, randomNumbers, randomPoints, toNpy, unitSquare } from "./support/inputs.ts";
import { persistence } from "./support/oracle.ts";
import { type Target, target } from "./support/product.ts";
import { type Bar, type ComputeAnswer, computed, refused } from "./support/shapes.ts";
import { cases } from "./support/vietoris-rips-cases.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

/** Equal in number and order, and in value to the last few bits (a square root or a power may round either way). */
function expectBars(got: readonly Bar[] | undefined, expected: readonly Bar[]): void {
  expect(got).toHaveLength(expected.length);
  const close = (value: number | null) =>
    value === null ? null : expect.closeTo(value, 12 - Math.ceil(Math.log10(Math.max(1, Math.abs(value)))));
  expect(got).toEqual(expected.map(([birth, death]) => [close(birth), close(death)]));
}

async function diagramsOf(request: Record<string, unknown>): Promise<ComputeAnswer["diagrams"]> {
  return computed(await api.compute(request)).diagrams;
}

describe("facts of the field", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_name, { request, bars }) => {
    const diagrams = await diagramsOf(request);
    for (const [dimension, expected] of Object.entries(bars)) expectBars(diagrams[Number(dimension)], expected);
  });

  it("a threshold at the enclosing radius gives what no threshold gives", async () => {
    for (const seed of [1, 2, 3]) {
      const points = randomPoints(25, 3, seed);
      const free = computed(await api.compute({ points, max_dimension: 2 }));
      expect(free.provenance.truncated).toBe(false);
      const bound = computed(await api.compute({ points, max_dimension: 2, threshold: free.provenance.threshold }));
      expect(bound.diagrams).toEqual(free.diagrams);
      expect(bound.provenance.truncated).toBe(false);
      const below = computed(
        await api.compute({ points, max_dimension: 2, threshold: free.provenance.threshold! * 0.9 }),
      );
      expect(below.provenance.truncated).toBe(true);
    }
  });

  it("the enclosing radius is the smallest of the points' largest distances", async () => {
    const answer = computed(await api.compute({ points: [[0], [1], [10]], max_dimension: 1 }));
    expect(answer.provenance.threshold).toBe(9);
    expect(answer.statistics.points).toBe(3);
  });

  it("dimension 0 alone equals dimension 0 of more", async () => {
    const points = randomPoints(30, 2, 4);
    const [alone] = await diagramsOf({ points, max_dimension: 0 });
    const [withMore] = await diagramsOf({ points, max_dimension: 2 });
    expect(alone).toEqual(withMore);
  });

  it("twice the distances, twice the bars", async () => {
    const points = randomPoints(30, 3, 5);
    const once = await diagramsOf({ points, max_dimension: 2 });
    const twice = await diagramsOf({ points: points.map((point) => point.map((x) => 2 * x)), max_dimension: 2 });
    expect(twice).toEqual(
      once.map((bars) => bars.map(([birth, death]) => [2 * birth, death === null ? null : 2 * death])),
    );
  });

  it("the order of the points does not matter", async () => {
    const points = randomPoints(40, 3, 6);
    expect(await diagramsOf({ points: points.toReversed(), max_dimension: 2 })).toEqual(
      await diagramsOf({ points, max_dimension: 2 }),
    );
  });

  it("a sampled circle has exactly one loop", async () => {
    const random = randomNumbers(7);
    const points = circle(100).map(([x, y]) => [x! + 0.01 * random(), y! + 0.01 * random()]);
    const [, loops] = await diagramsOf({ points });
    const long = loops!.filter(([birth, death]) => death === null || death - birth > 0.5);
    expect(long).toHaveLength(1);
    expect(long[0]![0]).toBeLessThan(0.6);
    expect(long[0]![1]).toBeGreaterThan(1);
    expect(long[0]![1]).toBeLessThan(2);
  });

  it("gives the edges that a threshold keeps, the tied ones too", async () => {
    const answer = computed(await api.compute({ points: unitSquare, threshold: 1 }));
    expect(answer.statistics.edges).toBe(4);
    expect(answer.statistics.points).toBe(4);
    expect(answer.provenance).toMatchObject({ threshold: 1, truncated: true });
  });

  it("edge collapse auto, on and off, and every number of threads, give the same bytes", async () => {
    const points = randomPoints(60, 3, 8);
    const base = JSON.stringify(await diagramsOf({ points, max_dimension: 2 }));
    const variants = [
      { edge_collapse: "on" },
      { edge_collapse: "off" },
      ...[1, 2, 3, 4, 5].map((threads) => ({ threads })),
    ];
    for (const variant of variants) {
      // A point that moves nothing would be answered from the cache: each variant is a new input of equal distances.
      const shifted = points.map((point) => [...point, variants.indexOf(variant)]);
      expect(JSON.stringify(await diagramsOf({ points: shifted, max_dimension: 2, ...variant }))).toBe(base);
    }
  });

  it("too many simplices to number is a typed error or a right answer, never a wrong one", async () => {
    const answer = await api.compute({
      sparse_distances: { n: 1_000_000, rows: [0], cols: [999_999], values: [1] },
      max_dimension: 10,
      threshold: 2,
    });
    if (answer.status === 200) {
      const { diagrams } = computed(answer);
      expect(diagrams[0]).toHaveLength(1_000_000);
      expect(diagrams.slice(1).every((bars) => bars.length === 0)).toBe(true);
    } else refused(answer, 422, "index_overflow");
  });

  it("a million points, 24 of them on a circle, need no n² of memory", async () => {
    const scattered = Array.from({ length: 1_000_000 - 24 }, (_, i) => [
      1000 + 50 * (i % 1000),
      50 * Math.floor(i / 1000),
    ]);
    const points = [...circle(24, 30), ...scattered];
    const answer = computed(
      await api.computeFile(toNpy(points, { type: "<f4" }), "application/x-npy", { threshold: 10, max_dimension: 1 }),
    );
    expect(answer.statistics).toMatchObject({ points: 1_000_000, edges: 24 });
    expect(answer.statistics.peak_bytes).toBeLessThan(2 ** 30);
    const births = 2 * 30 * Math.sin(Math.PI / 24);
    expect(answer.diagrams[1]).toEqual([[expect.closeTo(births, 4), null]]);
    expect(answer.diagrams[0]).toHaveLength(1_000_000);
    expect(answer.diagrams[0]!.filter(([, death]) => death !== null)).toHaveLength(23);
  });
});

describe("against the definition", () => {
  const fields = [2, 3, 5, 11];

  it.each(Array.from({ length: 24 }, (_, seed) => seed))(
    "random distances with ties, births and holes %i",
    async (seed) => {
      const random = randomNumbers(1000 + seed);
      const size = 3 + Math.floor(random() * 6);
      const hasBirths = seed % 3 === 0;
      const births = Array.from({ length: size }, () => (hasBirths ? Math.floor(random() * 3) : 0));
      const lower = births.map((birth, i) =>
        Array.from({ length: i }, (_, j) =>
          random() < 0.15 ? Number.POSITIVE_INFINITY : Math.max(birth, births[j]!) + Math.floor(random() * 4),
        ),
      );
      const distances = fullMatrix(lower, 0);
      births.forEach((birth, i) => {
        distances[i]![i] = birth;
      });
      const parameters = {
        max_dimension: seed % 4,
        coefficient_field: fields[seed % fields.length]!,
        threshold: seed % 5 === 0 ? 3 : null,
      };
      const expected = persistence({
        distances,
        maxDimension: parameters.max_dimension,
        coefficientField: parameters.coefficient_field,
        ...(parameters.threshold === null ? {} : { threshold: parameters.threshold }),
      });
      const shown = (value: number) => (value === Number.POSITIVE_INFINITY ? null : value);
      const pairs = distances.flatMap((row, i) =>
        row.slice(0, i + 1).flatMap((value, j) => (value === Number.POSITIVE_INFINITY ? [] : [{ i, j, value }])),
      );
      const inputs = {
        full: { distances: distances.map((row) => row.map(shown)) },
        lowerWithDiagonal: { distances: distances.map((row, i) => row.slice(0, i + 1).map(shown)) },
        sparse: {
          sparse_distances: {
            n: size,
            rows: pairs.map(({ i }) => i),
            cols: pairs.map(({ j }) => j),
            values: pairs.map(({ value }) => value),
          },
        },
      };
      for (const [kind, input] of Object.entries(inputs)) {
        expect(await diagramsOf({ ...input, ...parameters }), kind).toEqual(expected);
      }
    },
  );

  const metrics = {
    euclidean: (a: number[], b: number[]) => Math.sqrt(a.reduce((sum, x, k) => sum + (x - b[k]!) ** 2, 0)),
    manhattan: (a: number[], b: number[]) => a.reduce((sum, x, k) => sum + Math.abs(x - b[k]!), 0),
    chebyshev: (a: number[], b: number[]) => a.reduce((top, x, k) => Math.max(top, Math.abs(x - b[k]!)), 0),
  };
  const trials = Object.keys(metrics).flatMap((metric) => [1, 2, 3].map((seed) => [metric, seed] as const));
  it.each(trials)("%s points with ties and duplicates, trial %i", async (metric, seed) => {
    const points = gridPoints(9, 1 + seed, 4, 50 + seed);
    const distance = metrics[metric as keyof typeof metrics];
    const distances = points.map((a) => points.map((b) => distance(a, b)));
    for (const [index, field] of fields.entries()) {
      const request = { points, metric, max_dimension: index % 3, coefficient_field: field };
      expect(await diagramsOf(request)).toEqual(
        persistence({ distances, maxDimension: request.max_dimension, coefficientField: field }),
      );
    }
  });
});
