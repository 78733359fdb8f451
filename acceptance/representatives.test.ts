import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { circle, randomPoints } from "./support/inputs.ts";
import { type Target, target } from "./support/product.ts";
import { type BarRepresentative, type ComputeAnswer, computed, refused } from "./support/shapes.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

/** Consecutive points of a loop at 1.1, 1, 1, 1, 1.2, all others at 2. */
const loop = [[], [1.1], [2, 1], [2, 2, 1], [1.2, 2, 2, 1]];

const lengthOf = (distances: readonly (readonly number[])[], simplex: readonly number[]): number =>
  Math.max(0, ...simplex.flatMap((v, i) => simplex.slice(0, i).map((u) => distances[v]![u]!)));

const distancesOf = (points: readonly (readonly number[])[]): number[][] =>
  points.map((p, i) => points.slice(0, i).map((q) => Math.hypot(...p.map((x, k) => x - q[k]!))));

/** Everything that the contract promises of the simplices of an answer about these distances. */
function expectSimplices(answer: ComputeAnswer, distances: readonly (readonly number[])[]): BarRepresentative[][] {
  const representatives = answer.representatives as BarRepresentative[][];
  expect(representatives).toHaveLength(answer.diagrams.length);
  for (const [dimension, bars] of answer.diagrams.entries()) {
    expect(representatives[dimension]).toHaveLength(bars.length);
    for (const [i, [birth, death]] of bars.entries()) {
      const one = representatives[dimension]![i]!;
      expect(one.birth_simplex).toHaveLength(dimension + 1);
      expect(one.birth_simplex).toEqual(one.birth_simplex.toSorted((a, b) => a - b));
      expect(lengthOf(distances, one.birth_simplex)).toBeCloseTo(birth, 12);
      if (death === null) expect(one.death_simplex).toBeNull();
      else {
        expect(one.death_simplex).toHaveLength(dimension + 2);
        expect(lengthOf(distances, one.death_simplex!)).toBeCloseTo(death, 12);
      }
    }
  }
  return representatives;
}

/** The sum of the signed coefficients on each facet, modulo p. */
function boundary({ simplices, coefficients }: NonNullable<BarRepresentative["cycle"]>, p: number): number[] {
  const sums = new Map<string, number>();
  for (const [j, simplex] of simplices.entries()) {
    for (const [i] of simplex.entries()) {
      const facet = simplex.toSpliced(i, 1).join();
      const sign = i % 2 === 0 ? 1 : p - 1;
      sums.set(facet, ((sums.get(facet) ?? 0) + sign * coefficients[j]!) % p);
    }
  }
  return [...sums.values()].filter((sum) => sum !== 0);
}

describe("representatives", () => {
  it("are null unless asked for", async () => {
    expect(computed(await api.compute({ distances: loop })).representatives).toBeNull();
    expect(computed(await api.compute({ distances: loop, representatives: "none" })).representatives).toBeNull();
  });

  it("never change the diagrams", async () => {
    const points = randomPoints(60, 3, 301);
    const request = { points, max_dimension: 2, threshold: 0.7 };
    const plain = computed(await api.compute(request));
    for (const representatives of ["simplices", "cocycles", "cycles"]) {
      const answer = computed(await api.compute({ ...request, representatives }));
      expect(answer.diagrams).toEqual(plain.diagrams);
      expectSimplices(answer, distancesOf(points));
    }
  });

  it("are the cocycle and the cycle of a loop", async () => {
    const request = { distances: loop, coefficient_field: 17 };
    const cocycles = computed(await api.compute({ ...request, representatives: "cocycles" }));
    expect(cocycles.diagrams[1]).toEqual([[1.2, 2]]);
    const { cocycle, cycle: none } = expectSimplices(cocycles, loop)[1]![0]!;
    expect(none).toBeUndefined();
    const lift = (coefficient: number) => (coefficient > 8 ? coefficient - 17 : coefficient);
    const around = cocycle!.simplices.map(([a, b], j) => {
      if (b === a! + 1) return lift(cocycle!.coefficients[j]!);
      return a === 0 && b === 4 ? -lift(cocycle!.coefficients[j]!) : 0;
    });
    expect(Math.abs(around.reduce((sum, value) => sum + value, 0))).toBe(1);

    const cycles = computed(await api.compute({ ...request, representatives: "cycles" }));
    const { cycle, cocycle: neither } = expectSimplices(cycles, loop)[1]![0]!;
    expect(neither).toBeUndefined();
    expect(cycle!.vertices).toEqual([0, 4, 3, 2, 1]);
    expect(boundary(cycle!, 17)).toEqual([]);
  });

  it("are cycles in every dimension, over any field", async () => {
    for (const coefficient_field of [2, 3]) {
      const points = randomPoints(50, 3, 311);
      const answer = computed(
        await api.compute({ points, max_dimension: 2, coefficient_field, representatives: "cycles" }),
      );
      const distances = distancesOf(points);
      const [components, ...above] = expectSimplices(answer, distances);
      expect(components!.every((bar) => bar.cycle === undefined)).toBe(true);
      for (const [i, bars] of above.entries()) {
        for (const [j, { birth_simplex, cycle }] of bars.entries()) {
          expect(cycle!.simplices[0]).toEqual(birth_simplex);
          expect(cycle!.coefficients[0]).toBe(1);
          expect(boundary(cycle!, coefficient_field)).toEqual([]);
          const birth = answer.diagrams[i + 1]![j]![0];
          for (const simplex of cycle!.simplices)
            expect(lengthOf(distances, simplex)).toBeLessThanOrEqual(birth + 1e-12);
          expect(cycle!.vertices === undefined).toBe(i > 0);
        }
      }
    }
  });

  it("go once around a circle", async () => {
    const points = circle(40);
    const answer = computed(await api.compute({ points, representatives: "cycles" }));
    const longest = answer.diagrams[1]!.findIndex(([birth, death]) => death! - birth > 0.5);
    const { vertices } = (answer.representatives as BarRepresentative[][])[1]![longest]!.cycle!;
    const angles = vertices!.map((v) => Math.atan2(points[v]![1]!, points[v]![0]!) / (2 * Math.PI));
    const steps = angles.map((a, i) => angles[(i + 1) % angles.length]! - a);
    expect(Math.abs(steps.reduce((sum, step) => sum + step - Math.round(step), 0))).toBeCloseTo(1, 9);
  });

  it("are part of what is cached: each kind has its own answer", async () => {
    const request = { points: randomPoints(20, 2, 331) };
    const kinds = ["none", "simplices", "cocycles", "cycles"];
    const first = [];
    for (const representatives of kinds) first.push(computed(await api.compute({ ...request, representatives })));
    for (const [i, representatives] of kinds.entries()) {
      const again = computed(await api.compute({ ...request, representatives }));
      expect(again.representatives).toEqual(first[i]!.representatives);
    }
  });

  it("may be asked for in the query of a file", async () => {
    const answer = await api.post(
      "/v1/compute/vietoris-rips?representatives=cycles&input_kind=points",
      "0,0\n1,0\n1,1\n0,1\n",
      {
        headers: { "Content-Type": "text/csv" },
      },
    );
    const { representatives } = computed(answer);
    expect((representatives as BarRepresentative[][])[1]![0]!.cycle!.vertices).toHaveLength(4);
  });

  it("of another name are refused", async () => {
    refused(
      await api.compute({ distances: loop, representatives: "all" }),
      422,
      "validation_failed",
      "/representatives",
    );
  });
});
