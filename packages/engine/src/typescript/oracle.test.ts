import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EngineInput, Metric } from "../types.ts";
import { createTypeScriptEngine } from "./index.ts";
import { flagFiltration, naivePersistence } from "./naive-persistence.test-support.ts";

const engine = createTypeScriptEngine();

/** Few different values, so that ties, zeros and missing edges are frequent. */
const distance = fc.constantFrom(0, 0.5, 1, 1, 2, 2, 3, Number.POSITIVE_INFINITY);

const weightedGraph = fc.integer({ min: 0, max: 8 }).chain((rows) =>
  fc.record({
    rows: fc.constant(rows),
    edges: fc.array(distance, { minLength: (rows * (rows - 1)) / 2, maxLength: (rows * (rows - 1)) / 2 }),
    births: fc.array(fc.constantFrom(0, 0, 0.25, 0.5, 1), { minLength: rows, maxLength: rows }),
    maxDimension: fc.integer({ min: 0, max: 4 }),
    coefficientField: fc.constantFrom(2, 3, 5, 7, 32_749),
    threshold: fc.constantFrom(null, 0, 0.5, 1, 2, 3, -1),
  }),
);

const options = { edgeCollapse: "auto", representatives: "none", threads: null, memoryLimitBytes: null } as const;

function pairs(flat: Float64Array): number[][] {
  return Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k] as number, flat[2 * k + 1] as number]);
}

describe("against the definition", () => {
  it("agrees on random weighted graphs with births, ties and missing edges", async () => {
    await fc.assert(
      fc.asyncProperty(weightedGraph, async ({ rows, edges, births, maxDimension, coefficientField, threshold }) => {
        const edge = (i: number, j: number): number => {
          const [low, high] = i < j ? [i, j] : [j, i];
          const length = edges[(high * (high - 1)) / 2 + low] as number;
          return Math.max(length, births[i] as number, births[j] as number);
        };
        const values: number[] = [];
        for (let i = 0; i < rows; ++i) {
          for (let j = 0; j < i; ++j) values.push(edge(i, j));
          values.push(births[i] as number);
        }
        const { diagrams } = await engine.vietorisRips(
          { kind: "distances", layout: "lower-with-diagonal", values: Float64Array.from(values), rows },
          { ...options, maxDimension, coefficientField, threshold },
        );
        const limit = threshold ?? Number.POSITIVE_INFINITY;
        const cells = flagFiltration(births, edge, maxDimension, limit);
        expect(diagrams.map(pairs)).toEqual(naivePersistence(cells, maxDimension, coefficientField));
      }),
      { numRuns: 1_500, seed: 20_261_123 },
    );
  });

  it("agrees on random points in each metric", async () => {
    const lengths: Record<Metric, (a: readonly number[], b: readonly number[]) => number> = {
      euclidean: (a, b) => Math.sqrt(a.reduce((sum, x, k) => sum + (x - (b[k] as number)) ** 2, 0)),
      manhattan: (a, b) => a.reduce((sum, x, k) => sum + Math.abs(x - (b[k] as number)), 0),
      chebyshev: (a, b) => Math.max(...a.map((x, k) => Math.abs(x - (b[k] as number)))),
      minkowski: (a, b) => a.reduce((sum, x, k) => sum + Math.abs(x - (b[k] as number)) ** 3, 0) ** (1 / 3),
      cosine: (a, b) =>
        1 - a.reduce((sum, x, k) => sum + x * (b[k] as number), 0) / (Math.hypot(...a) * Math.hypot(...b)),
    };
    const point = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: 0, max: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(point, { minLength: 1, maxLength: 8 }),
        fc.constantFrom<Metric>("euclidean", "manhattan", "chebyshev", "minkowski", "cosine"),
        async (cloud, metric) => {
          const input: EngineInput = {
            kind: "points",
            values: Float64Array.from(cloud.flat()),
            rows: cloud.length,
            columns: 3,
            metric,
            minkowskiP: metric === "minkowski" ? 3 : null,
          };
          const { diagrams } = await engine.vietorisRips(input, {
            ...options,
            maxDimension: 0,
            coefficientField: 2,
            threshold: null,
          });
          // Cosine and Minkowski distances differ in the last bits, which turns ties into short bars: only the lengths of
          // a minimum spanning tree are compared, and those above rounding.
          const edge = (i: number, j: number): number =>
            lengths[metric](cloud[i] as readonly number[], cloud[j] as readonly number[]);
          const cells = flagFiltration(
            cloud.map(() => 0),
            edge,
            0,
            Number.POSITIVE_INFINITY,
          );
          const expected = naivePersistence(cells, 0, 2)[0]?.filter(([, death]) => (death as number) > 1e-12);
          const actual = pairs(diagrams[0] as Float64Array).filter(([, death]) => (death as number) > 1e-12);
          expect(actual).toHaveLength(expected?.length ?? -1);
          for (const [k, [, death]] of actual.entries()) expect(death).toBeCloseTo(expected?.[k]?.[1] as number, 12);
        },
      ),
      { numRuns: 400, seed: 20_261_123 },
    );
  });

  it("gives the same from every form of the same distances", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(distance, { minLength: 15, maxLength: 15 }), async (lower) => {
        const rows = 6;
        const at = (i: number, j: number): number =>
          i === j ? 0 : (lower[(Math.max(i, j) * (Math.max(i, j) - 1)) / 2 + Math.min(i, j)] as number);
        const all = Array.from({ length: rows * rows }, (_, k) => at(Math.floor(k / rows), k % rows));
        const entries = all.map((d, k) => ({ i: Math.floor(k / rows), j: k % rows, d })).filter(({ i, j }) => i < j);
        const forms: EngineInput[] = [
          { kind: "distances", layout: "full", values: Float64Array.from(all), rows },
          { kind: "distances", layout: "lower", values: Float64Array.from(lower), rows },
          {
            kind: "sparse-distances",
            rows,
            rowIndices: Uint32Array.from(entries, ({ i }) => i),
            columnIndices: Uint32Array.from(entries, ({ j }) => j),
            values: Float64Array.from(entries, ({ d }) => d),
          },
        ];
        const results = await Promise.all(
          forms.map((input) =>
            engine.vietorisRips(input, { ...options, maxDimension: 2, coefficientField: 3, threshold: null }),
          ),
        );
        for (const result of results.slice(1)) {
          expect(result.diagrams).toEqual(results[0]?.diagrams);
          expect(result.statistics.enclosingRadius).toBe(results[0]?.statistics.enclosingRadius);
        }
      }),
      { numRuns: 100, seed: 20_261_123 },
    );
  });
});
