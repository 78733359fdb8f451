import { PROBLEMS } from "@tda-platform/contract/problems";
import { EngineError, type EngineErrorCode, type EngineErrorPlace } from "@tda-platform/engine/errors";
import type { EngineInput } from "@tda-platform/engine/types";
import { describe, expect, it } from "vitest";
import { parseInlineRequest } from "../input/rips-request.ts";
import { engineProblem } from "./engine-problem.ts";
import { resolveRequest } from "./resolve-request.ts";

const limits = { maxPoints: 100, maxDimension: 10, memoryLimitBytes: 1e6 };

function request(body: unknown) {
  const bytes = Buffer.from(JSON.stringify(body));
  const parsed = parseInlineRequest({
    bytes,
    mediaType: "application/json",
    encoding: null,
    query: "",
    bodyLimitBytes: 1e6,
  });
  return resolveRequest(parsed, limits);
}

const bodies: Record<EngineInput["kind"], unknown> = {
  points: { points: [[0], [1]] },
  distances: { distances: [[], [1]] },
  "sparse-distances": { sparse_distances: { n: 2, rows: [0], cols: [1], values: [1] } },
};

function problem(kind: EngineInput["kind"], code: EngineErrorCode, place: EngineErrorPlace = {}) {
  const found = engineProblem(new EngineError(code, "Why.", place), request(bodies[kind]));
  return { code: found.code, status: found.status, pointers: found.places.map(({ pointer }) => pointer), found };
}

describe("engineProblem", () => {
  it.each([
    ["points", "not_a_number", { row: 3, column: 1 }, ["/points/3/1"]],
    ["points", "zero_vector", { row: 2 }, ["/points/2"]],
    ["points", "distance_overflow", { row: 1, column: 0 }, ["/points/1", "/points/0"]],
    ["distances", "diagonal_above_edge", { row: 2, column: 0 }, ["/distances/2/0"]],
    ["distances", "negative_distance", {}, ["/distances"]],
    ["sparse-distances", "conflicting_entries", { row: 4 }, ["/sparse_distances/values/4"]],
    ["sparse-distances", "index_out_of_range", { row: 4 }, ["/sparse_distances/rows/4"]],
    ["points", "invalid_field", {}, ["/coefficient_field"]],
    ["points", "index_overflow", {}, ["/max_dimension"]],
  ] as const)("%s, %s at %j: %j", (kind, code, place, pointers) => {
    expect(problem(kind, code, place)).toMatchObject({ status: 422, pointers });
  });

  it("tells a passed budget with its numbers", () => {
    const { found, pointers } = problem("points", "memory_limit_exceeded", { bytes: 2e6, dimension: 1 });
    expect(pointers).toEqual(["/memory_limit_bytes"]);
    expect(found.members).toEqual({ memory_limit_bytes: 1e6, bytes: 2e6, dimension: 1, hint: expect.any(String) });
    expect(found.members.hint).toContain("`approximation`");
  });

  it("says where an approximation is what the engine can't do", () => {
    const error = new EngineError("not_supported", "Why.");
    const pointerFor = (body: object) => engineProblem(error, request(body)).places.map(({ pointer }) => pointer);
    const approximation = { method: "subsample", points: 1 };
    expect(pointerFor({ distances: [[], [null]], approximation })).toEqual(["/approximation"]);
    expect(pointerFor({ distances: [[], [null]] })).toEqual([""]);
  });

  it.each([
    ["engine_crashed", 500],
    ["internal", 500],
    ["engine_overloaded", 503],
    ["engine_unavailable", 503],
    ["engine_closed", 503],
    ["out_of_memory", 503],
  ] as const)("%s is a %d without the engine's words", (code, status) => {
    const { found, ...rest } = problem("points", code);
    expect(rest.status).toBe(status);
    expect(found.message).not.toBe("Why.");
    expect(found.retryAfterSeconds === null).toBe(status !== 503);
    expect(PROBLEMS[found.code].retryable).toBe(true);
  });
});
