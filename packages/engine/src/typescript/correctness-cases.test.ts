import { describe, expect, it } from "vitest";
import type { EngineInput, VietorisRipsOptions } from "../types.ts";
import { createTypeScriptEngine } from "./index.ts";

const inf = Number.POSITIVE_INFINITY;
const engine = createTypeScriptEngine();

const defaults: VietorisRipsOptions = {
  maxDimension: 1,
  threshold: null,
  coefficientField: 2,
  edgeCollapse: "auto",
  representatives: "none",
  threads: null,
  memoryLimitBytes: null,
};

function points(rows: readonly (readonly number[])[]): EngineInput {
  return {
    kind: "points",
    values: Float64Array.from(rows.flat()),
    rows: rows.length,
    columns: rows[0]?.length ?? 0,
    metric: "euclidean",
    minkowskiP: null,
  };
}

function full(rows: readonly (readonly number[])[]): EngineInput {
  return { kind: "distances", layout: "full", values: Float64Array.from(rows.flat()), rows: rows.length };
}

function sparse(rows: number, entries: readonly (readonly [number, number, number])[]): EngineInput {
  return {
    kind: "sparse-distances",
    rows,
    rowIndices: Uint32Array.from(entries, ([i]) => i),
    columnIndices: Uint32Array.from(entries, ([, j]) => j),
    values: Float64Array.from(entries, ([, , d]) => d),
  };
}

/** The 13-point metric of the real projective plane, a row of its lower triangle each. */
const projectivePlane: EngineInput = {
  kind: "distances",
  layout: "lower",
  rows: 13,
  values: Float64Array.from(
    ["1", "12", "122", "1222", "11212", "121212", "1122122", "12112222", "211221111", "2222211221", "22222221112"]
      .concat("222111111211")
      .flatMap((row) => [...row].map(Number)),
  ),
};

async function diagrams(input: EngineInput, options: Partial<VietorisRipsOptions> = {}): Promise<number[][][]> {
  const result = await engine.vietorisRips(input, { ...defaults, ...options });
  return result.diagrams.map((flat) =>
    Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k] as number, flat[2 * k + 1] as number]),
  );
}

const times = (count: number, bar: readonly [number, number]): number[][] =>
  Array.from({ length: count }, () => [...bar]);
const unitSquare = points([
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]);

describe("known diagrams", () => {
  it("unit square", async () => {
    expect(await diagrams(unitSquare)).toEqual([[...times(3, [0, 1]), [0, inf]], [[1, Math.SQRT2]]]);
  });

  it("unit square at threshold 1: ties are kept", async () => {
    const { statistics } = await engine.vietorisRips(unitSquare, { ...defaults, threshold: 1 });
    expect(statistics).toMatchObject({ edges: 4, threshold: 1, truncated: true });
    expect((await diagrams(unitSquare, { threshold: 1 }))[1]).toEqual([[1, inf]]);
  });

  it("real projective plane: torsion shows at p = 2 only", async () => {
    const expected = [[...times(12, [0, 1]), [0, inf]], [[1, 2]], [[1, 2]]];
    expect(await diagrams(projectivePlane, { maxDimension: 2 })).toEqual(expected);
    for (const coefficientField of [3, 5]) {
      const [, h1, h2] = await diagrams(projectivePlane, { maxDimension: 2, coefficientField });
      expect([h1, h2]).toEqual([[], []]);
    }
    const [, h1, h2] = await diagrams(projectivePlane, { maxDimension: 2, threshold: 1 });
    expect([h1, h2]).toEqual([[[1, inf]], [[1, inf]]]);
  });

  it("births on the diagonal", async () => {
    const input = full([
      [1, 3],
      [3, 2],
    ]);
    expect((await diagrams(input))[0]).toEqual([
      [1, inf],
      [2, 3],
    ]);
    expect((await diagrams(input, { threshold: 1.5 }))[0]).toEqual([[1, inf]]);
    const lower: EngineInput = {
      kind: "distances",
      layout: "lower-with-diagonal",
      values: Float64Array.of(1, 3, 2),
      rows: 2,
    };
    expect(await diagrams(lower)).toEqual(await diagrams(input));
  });

  it("one point with a birth", async () => {
    expect((await diagrams(full([[2]])))[0]).toEqual([[2, inf]]);
  });

  it("sparse entries in any order and triangle", async () => {
    const entries: [number, number, number][] = [
      [0, 4, 6],
      [0, 1, 8],
      [0, 3, 2],
      [0, 2, 4],
      [1, 4, 5],
      [1, 3, 9],
      [1, 2, 10],
      [2, 3, 3],
      [2, 4, 1],
      [3, 4, 1],
    ];
    const expected = [[...times(2, [0, 1]), [0, 2], [0, 5], [0, inf]], []];
    expect(await diagrams(sparse(5, entries))).toEqual(expected);
    const mirrored = entries.map(([i, j, d]): [number, number, number] => [j, i, d]).reverse();
    expect(await diagrams(sparse(5, mirrored))).toEqual(expected);
    expect(await diagrams(sparse(5, [...entries, ...mirrored]))).toEqual(expected);
  });

  it("a stored zero is an edge, an absent entry is none", async () => {
    expect((await diagrams(sparse(3, [[0, 1, 0]])))[0]).toEqual(times(2, [0, inf]));
  });

  it("a matrix of zeros at threshold 1", async () => {
    const zeros = full([
      [0, 0],
      [0, 0],
    ]);
    expect((await diagrams(zeros, { threshold: 1 }))[0]).toEqual([[0, inf]]);
  });

  it("two points without an edge", async () => {
    const apart = full([
      [0, inf],
      [inf, 0],
    ]);
    expect((await diagrams(apart))[0]).toEqual(times(2, [0, inf]));
  });

  it("maximal dimension 0 equals dimension 0 of more", async () => {
    const input = points([
      [1, 2],
      [3, 4],
      [5, 0],
    ]);
    expect(await diagrams(input, { maxDimension: 0 })).toEqual([(await diagrams(input))[0]]);
  });

  it("no point: an empty diagram for each dimension", async () => {
    expect(await diagrams(points([]), { maxDimension: 3 })).toEqual([[], [], [], []]);
  });

  it("twelve points, ten of them equal", async () => {
    const input = points([...times(10, [1, 1]), [2, 1], [1, 4]]);
    expect((await diagrams(input, { maxDimension: 3 }))[0]).toEqual([
      [0, 1],
      [0, 3],
      [0, inf],
    ]);
  });

  it("a thin rectangle's exact loop", async () => {
    const [, h1] = await diagrams(
      points([
        [0, 0],
        [1, 0.4],
        [0, 1],
        [1, 0.6],
      ]),
    );
    expect(h1).toHaveLength(1);
    expect(h1?.[0]?.[0]).toBeCloseTo(1.07703, 5);
    expect(h1?.[0]?.[1]).toBeCloseTo(1.16619, 5);
  });

  it("a complex of dimension 10", async () => {
    const result = await diagrams(points(Array.from({ length: 8 }, (_, i) => [i])), { maxDimension: 10 });
    expect(result).toEqual([[...times(7, [0, 1]), [0, inf]], ...Array.from({ length: 10 }, () => [])]);
  });
});

describe("number types", () => {
  it("rounds distances and the threshold of float32 points to float32", async () => {
    const input: EngineInput = {
      kind: "points",
      values: Float32Array.of(0, 0, 1, 1),
      rows: 2,
      columns: 2,
      metric: "euclidean",
      minkowskiP: null,
    };
    const root = Math.fround(Math.SQRT2);
    expect(root).not.toBe(Math.SQRT2);
    expect((await diagrams(input))[0]).toEqual([
      [0, root],
      [0, inf],
    ]);
    expect((await diagrams(input, { threshold: Math.SQRT2 }))[0]).toContainEqual([0, root]);
  });

  it("scaling the points by 2 scales the bars", async () => {
    const cloud = [
      [0.1, 0.7],
      [0.9, 0.2],
      [1.3, 1.1],
      [0.2, 1.9],
      [1.8, 1.7],
    ];
    const doubled = await diagrams(points(cloud.map((point) => point.map((x) => 2 * x))));
    expect(doubled).toEqual((await diagrams(points(cloud))).map((bars) => bars.map((bar) => bar.map((x) => 2 * x))));
  });
});
