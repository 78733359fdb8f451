import type { ProblemError } from "@tda-platform/server/domain/problem";
import { describe, expect, it } from "vitest";
import { parseInlineRequest } from "../input/rips-request.ts";
import { resolveRequest } from "./resolve-request.ts";

const limits = { maxPoints: 100, maxDimension: 10, memoryLimitBytes: 1e6 };
const raw = { encoding: null, query: "", bodyLimitBytes: 1e6 } as const;

function resolved(body: object) {
  const bytes = Buffer.from(JSON.stringify(body));
  return resolveRequest(parseInlineRequest({ ...raw, bytes, mediaType: "application/json" }), limits);
}

function resolvedQuery(query: string) {
  return resolveRequest(
    parseInlineRequest({ ...raw, bytes: Buffer.from("0,0\n1,1\n"), mediaType: "text/csv", query }),
    limits,
  );
}

function refusal(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    const { code, places } = error as ProblemError;
    return [code, ...places.map(({ pointer }) => pointer)];
  }
}

const points = [[0], [1], [5]];
const sparse = { method: "sparse-rips", epsilon: 0.1 };
const sample = { method: "subsample", points: 2 };

describe("approximation", () => {
  it("is null unless it is given", () => {
    for (const body of [{ points }, { points, approximation: null }]) {
      const { parameters, options } = resolved(body);
      expect([parameters.approximation, options.approximation]).toEqual([null, null]);
    }
  });

  it.each([sparse, sample])("is passed on as given: %j", (approximation) => {
    const { parameters, options } = resolved({ points, approximation });
    expect([parameters.approximation, options.approximation]).toEqual([approximation, approximation]);
    expect(resolved({ distances: [[], [1]], approximation }).parameters.approximation).toEqual(approximation);
  });

  it("may come in the query", () => {
    expect(resolvedQuery("approximation=sparse-rips:0.1").parameters.approximation).toEqual(sparse);
    expect(resolvedQuery("approximation=sparse-rips:1e-3").parameters.approximation).toEqual({
      method: "sparse-rips",
      epsilon: 0.001,
    });
    expect(resolvedQuery("approximation=subsample:2").parameters.approximation).toEqual(sample);
    expect(resolvedQuery("").parameters.approximation).toBeNull();
  });

  it.each([
    [{ method: "guess" }, ["validation_failed", "/approximation/method"]],
    [{ epsilon: 0.5 }, ["validation_failed", "/approximation"]],
    [5, ["validation_failed", "/approximation"]],
    [{ ...sparse, epsilon: 0 }, ["validation_failed", "/approximation/epsilon"]],
    [{ ...sparse, epsilon: 1 }, ["validation_failed", "/approximation/epsilon"]],
    [{ ...sample, points: 0 }, ["validation_failed", "/approximation/points"]],
    [{ ...sample, points: 1.5 }, ["validation_failed", "/approximation/points"]],
    [{ ...sample, size: 3 }, ["unknown_field", "/approximation/size"]],
    [{ method: "sparse-rips" }, ["validation_failed", "/approximation/epsilon"]],
    [{ method: "subsample" }, ["validation_failed", "/approximation/points"]],
    [{ ...sparse, points: 4 }, ["validation_failed", "/approximation/points"]],
    [{ ...sample, epsilon: 0.5 }, ["validation_failed", "/approximation/epsilon"]],
  ])("refuses %j", (approximation, expected) => {
    expect(refusal(() => resolved({ points, approximation }))).toEqual(expected);
  });

  it.each([
    "guess:1",
    "sparse-rips",
    "sparse-rips:0",
    "sparse-rips:1",
    "sparse-rips:0.0",
    "subsample:0",
    "subsample:1.5",
    "subsample:9999999999",
  ])("refuses the query %s", (text) => {
    expect(refusal(() => resolvedQuery(`approximation=${text}`))).toContain("validation_failed");
  });

  it("refuses inputs whose error has no bound", () => {
    const sparse_distances = { n: 2, rows: [0], cols: [1], values: [1] };
    for (const approximation of [sparse, sample]) {
      expect(refusal(() => resolved({ sparse_distances, approximation }))).toEqual(["not_supported", "/approximation"]);
    }
    expect(refusal(() => resolved({ points, metric: "cosine", approximation: sparse }))).toEqual([
      "not_supported",
      "/approximation",
    ]);
    expect(refusal(() => resolved({ points, metric: "cosine", approximation: sample }))).toBeNull();
  });
});
