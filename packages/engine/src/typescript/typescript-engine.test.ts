import { describe, expect, it } from "vitest";
import { EngineError, type EngineErrorCode } from "../errors.ts";
import type { EngineInput, EngineProgress, PointsInput, VietorisRipsOptions } from "../types.ts";
import { createTypeScriptEngine } from "./index.ts";

const options: VietorisRipsOptions = {
  maxDimension: 1,
  threshold: null,
  coefficientField: 2,
  edgeCollapse: "auto",
  representatives: "none",
  threads: null,
  memoryLimitBytes: null,
};

function points(values: readonly number[], columns: number, more: Partial<PointsInput> = {}): PointsInput {
  return {
    kind: "points",
    values: Float64Array.from(values),
    rows: values.length / columns,
    columns,
    metric: "euclidean",
    minkowskiP: null,
    ...more,
  };
}

function full(rows: readonly (readonly number[])[]): EngineInput {
  return { kind: "distances", layout: "full", values: Float64Array.from(rows.flat()), rows: rows.length };
}

function sparse(entries: readonly (readonly [number, number, number])[]): EngineInput {
  return {
    kind: "sparse-distances",
    rows: 3,
    rowIndices: Uint32Array.from(entries, ([i]) => i),
    columnIndices: Uint32Array.from(entries, ([, j]) => j),
    values: Float64Array.from(entries, ([, , d]) => d),
  };
}

/** A deterministic cloud large enough to be interrupted. */
function cloud(rows: number): PointsInput {
  const values = Array.from({ length: 3 * rows }, (_, k) => (Math.sin(k * 12.9898) * 43758.5453) % 1);
  return points(values, 3);
}

/** Points at distance 1 from each other: every subset is a simplex. */
function equidistant(rows: number): EngineInput {
  return { kind: "distances", layout: "lower", values: new Float32Array((rows * (rows - 1)) / 2).fill(1), rows };
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

const engine = createTypeScriptEngine();
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("refused input", () => {
  const cases: [string, EngineInput, EngineErrorCode, EngineError["place"]][] = [
    ["a coordinate that is not a number", points([0, 1, 2, nan], 2), "not_a_number", { row: 1, column: 1 }],
    ["an infinite coordinate", points([0, inf], 1), "not_a_number", { row: 1, column: 0 }],
    ["a distance beyond float64", points([-1e308, 1e308], 1), "distance_overflow", { row: 1, column: 0 }],
    [
      "a distance beyond float32",
      points([], 1, { values: Float32Array.of(-3e38, 3e38), rows: 2 }),
      "distance_overflow",
      { row: 1, column: 0 },
    ],
    ["the cosine of a zero vector", points([1, 0, 0, 0], 2, { metric: "cosine" }), "zero_vector", { row: 1 }],
    ["an exponent below 1", points([0], 1, { metric: "minkowski", minkowskiP: 0.5 }), "invalid_metric", {}],
    ["no exponent", points([0], 1, { metric: "minkowski" }), "invalid_metric", {}],
    [
      "a distance that is not a number",
      full([
        [0, nan],
        [nan, 0],
      ]),
      "not_a_number",
      { row: 0, column: 1 },
    ],
    [
      "a negative distance",
      full([
        [0, -1],
        [-1, 0],
      ]),
      "negative_distance",
      { row: 0, column: 1 },
    ],
    [
      "what is not a number before what is negative",
      full([
        [0, -1],
        [nan, 0],
      ]),
      "not_a_number",
      { row: 1, column: 0 },
    ],
    [
      "asymmetric distances",
      full([
        [0, 1],
        [2, 0],
      ]),
      "asymmetric_distance",
      { row: 0, column: 1 },
    ],
    [
      "a birth above its edge",
      full([
        [2, 1],
        [1, 0],
      ]),
      "diagonal_above_edge",
      { row: 1, column: 0 },
    ],
    ["a sparse index too large", sparse([[0, 3, 1]]), "index_out_of_range", { row: 0 }],
    [
      "two values of one sparse pair",
      sparse([
        [0, 1, 1],
        [1, 0, 2],
      ]),
      "conflicting_entries",
      { row: 1, column: 0 },
    ],
    [
      "a sparse birth above its edge",
      sparse([
        [0, 1, 1],
        [1, 1, 2],
      ]),
      "diagonal_above_edge",
      { row: 0, column: 1 },
    ],
    ["a negative sparse distance", sparse([[0, 1, -1]]), "negative_distance", { row: 0 }],
  ];

  it.each(cases)("%s", async (_, input, code, place) => {
    const error = await failure(engine.vietorisRips(input, options));
    expect(error.code).toBe(code);
    expect(error.place).toEqual(place);
    expect((await failure(engine.estimateVietorisRips(input, options))).code).toBe(code);
  });
});

describe("refused options", () => {
  const cases: [Partial<VietorisRipsOptions>, EngineErrorCode][] = [
    [{ maxDimension: 17 }, "invalid_dimension"],
    [{ maxDimension: -1 }, "invalid_dimension"],
    [{ coefficientField: 0 }, "invalid_field"],
    [{ coefficientField: 1 }, "invalid_field"],
    [{ coefficientField: 4 }, "invalid_field"],
    [{ coefficientField: 32_771 }, "invalid_field"],
    [{ threshold: nan }, "invalid_threshold"],
    [{ representatives: "cocycles" }, "not_supported"],
    [{ threads: -1 }, "invalid_option"],
  ];

  it.each(cases)("%o", async (wrong, code) => {
    expect((await failure(engine.vietorisRips(points([0, 1], 1), { ...options, ...wrong }))).code).toBe(code);
    expect((await failure(engine.estimateVietorisRips(points([0, 1], 1), { ...options, ...wrong }))).code).toBe(code);
  });
});

describe("limits", () => {
  it("stops at the memory limit with the bytes asked for", async () => {
    const error = await failure(engine.vietorisRips(cloud(100), { ...options, memoryLimitBytes: 10_000 }));
    expect(error.code).toBe("memory_limit_exceeded");
    expect(error.place.bytes).toBeGreaterThan(10_000);
  });

  it("counts the input against the memory limit", async () => {
    const error = await failure(engine.vietorisRips(points([0, 1, 2], 1), { ...options, memoryLimitBytes: 8 }));
    expect(error.code).toBe("memory_limit_exceeded");
  });

  it("stops at its number of simplices", async () => {
    const error = await failure(engine.vietorisRips(equidistant(2_002), options));
    expect(error.code).toBe("memory_limit_exceeded");
    expect(error.place.dimension).toBe(1);
  });

  it("stops before it reads more pairs than it can", async () => {
    const input = points([], 1, { values: new Float64Array(10_002), rows: 10_002 });
    expect((await failure(engine.vietorisRips(input, { ...options, threshold: 0 }))).code).toBe(
      "memory_limit_exceeded",
    );
  });

  it("refuses simplices that have no exact number", async () => {
    const count = 250_000;
    const input: EngineInput = {
      kind: "sparse-distances",
      rows: 2 * count,
      rowIndices: Uint32Array.from({ length: count }, (_, k) => 2 * k),
      columnIndices: Uint32Array.from({ length: count }, (_, k) => 2 * k + 1),
      values: new Float64Array(count).fill(1),
    };
    const error = await failure(engine.vietorisRips(input, options));
    expect(error.code).toBe("index_overflow");
    expect(error.place.dimension).toBe(2);
  });
});

describe("control", () => {
  it("cancels by signal", async () => {
    const controller = new AbortController();
    const running = engine.vietorisRips(cloud(400), options, { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect((await failure(running)).code).toBe("cancelled");
  });

  it("does not start with an aborted signal", async () => {
    const error = await failure(engine.vietorisRips(cloud(4), options, { signal: AbortSignal.abort() }));
    expect(error.code).toBe("cancelled");
  });

  it("reports progress that never decreases and ends at 1", async () => {
    const seen: EngineProgress[] = [];
    await engine.vietorisRips(cloud(150), options, { onProgress: (progress) => seen.push(progress) });
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ fraction: 1, stage: "done" });
    expect(seen.length).toBeGreaterThan(1);
  });

  it("gives the event loop a turn while it computes", async () => {
    let turns = 0;
    const count = (): void => {
      ++turns;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await engine.vietorisRips(cloud(200), options);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it("close ends what runs and refuses what comes", async () => {
    const closing = createTypeScriptEngine();
    const running = closing.vietorisRips(cloud(400), options);
    await closing.close();
    await closing.close();
    expect((await failure(running)).code).toBe("engine_closed");
    expect((await failure(closing.vietorisRips(cloud(4), options))).code).toBe("engine_closed");
  });

  it("two computations at once give what they give alone", async () => {
    const alone = await engine.vietorisRips(cloud(80), options);
    const both = await Promise.all([engine.vietorisRips(cloud(80), options), engine.vietorisRips(cloud(80), options)]);
    for (const { diagrams } of both) expect(diagrams).toEqual(alone.diagrams);
  });
});

describe("estimate", () => {
  it("counts small inputs", async () => {
    const square = points([0, 0, 1, 0, 1, 1, 0, 1], 2);
    expect(await engine.estimateVietorisRips(square, { ...options, maxDimension: 2 })).toMatchObject({
      exact: true,
      points: 4,
      edges: 6,
      simplices: [4, 6, 4, 1],
      threshold: Math.SQRT2,
    });
  });

  it("samples large ones within a quarter", async () => {
    const estimate = await engine.estimateVietorisRips(equidistant(300), options);
    expect(estimate.exact).toBe(false);
    const triangles = (300 * 299 * 298) / 6;
    expect(Math.abs((estimate.simplices[2] as number) - triangles)).toBeLessThan(triangles / 4);
  });
});

describe("distances of points", () => {
  async function distanceOf(metric: PointsInput["metric"], a: number[], b: number[], minkowskiP: number | null = null) {
    const input = points([...a, ...b], a.length, { metric, minkowskiP });
    const { diagrams } = await engine.vietorisRips(input, { ...options, maxDimension: 0 });
    return diagrams[0]?.[1];
  }

  it("adds the coordinates in order", async () => {
    expect(await distanceOf("manhattan", [2 ** 53, 1, 1], [0, 0, 0])).toBe(2 ** 53);
    expect(await distanceOf("manhattan", [1, 1, 2 ** 53], [0, 0, 0])).toBe(2 ** 53 + 2);
  });

  it("keeps squares in range", async () => {
    expect(await distanceOf("euclidean", [3e200, 0], [0, 4e200])).toBeCloseTo(5e200, -190);
    expect(await distanceOf("euclidean", [3e-200, 0], [0, 4e-200])).toBeGreaterThan(4.9e-200);
    expect(await distanceOf("cosine", [1e200, 0], [0, 1e-200])).toBe(1);
  });

  it("takes the cosine of parallel and opposite vectors", async () => {
    const input = points([1, 2, 2, 4], 2, { metric: "cosine" });
    expect((await engine.vietorisRips(input, options)).diagrams[0]).toEqual(Float64Array.of(0, inf));
    expect(await distanceOf("cosine", [1, 0], [-3, 0])).toBe(2);
  });

  it("takes Minkowski exponents 1 and 2 as the metrics that they are", async () => {
    const [a, b] = [
      [0.1, 0.7, 0.2],
      [0.9, 0.3, 0.5],
    ] as const;
    expect(await distanceOf("minkowski", [...a], [...b], 1)).toBe(await distanceOf("manhattan", [...a], [...b]));
    expect(await distanceOf("minkowski", [...a], [...b], 2)).toBe(await distanceOf("euclidean", [...a], [...b]));
    expect(await distanceOf("minkowski", [3, 0], [0, 4], 3)).toBeCloseTo(91 ** (1 / 3), 12);
  });
});

describe("threshold", () => {
  it("is never above the enclosing radius, which gives the same diagrams", async () => {
    const input = cloud(40);
    const unlimited = await engine.vietorisRips(input, options);
    const above = await engine.vietorisRips(input, { ...options, threshold: 1e6 });
    const exactly = await engine.vietorisRips(input, { ...options, threshold: unlimited.statistics.enclosingRadius });
    for (const result of [above, exactly]) {
      expect(result.diagrams).toEqual(unlimited.diagrams);
      expect(result.statistics.threshold).toBe(unlimited.statistics.enclosingRadius);
      expect(result.statistics.truncated).toBe(false);
    }
  });

  it("does not count points that are never born", async () => {
    const input = full([
      [0, 1, inf],
      [1, 0, inf],
      [inf, inf, inf],
    ]);
    const { diagrams, statistics } = await engine.vietorisRips(input, options);
    expect(diagrams[0]).toEqual(Float64Array.of(0, 1, 0, inf));
    expect(statistics).toMatchObject({ points: 2, enclosingRadius: 1, truncated: false });
  });
});
