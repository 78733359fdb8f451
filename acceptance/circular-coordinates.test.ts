import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Api } from "./support/http.ts";
import { circle, randomNumbers, randomPoints, unitSquare } from "./support/inputs.ts";
import { type Target, target } from "./support/product.ts";
import { computationId, computed, refused } from "./support/shapes.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

interface CircularAnswer {
  readonly id: string;
  readonly algorithm: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly coordinates: readonly (number | null)[];
  readonly bar: {
    readonly dimension: number;
    readonly index: number;
    readonly birth: number;
    readonly death: number | null;
    readonly scale: number;
  };
  readonly fit: { readonly energy: number; readonly residual: number; readonly steps: number };
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly statistics: Readonly<Record<string, number>>;
}

const ask = (body: unknown): Promise<Answer> => api.post("/v1/compute/circular-coordinates", body);

async function coordinatesOf(body: unknown): Promise<CircularAnswer> {
  const answer = await ask(body);
  expect(answer.status, answer.text().slice(0, 2000)).toBe(200);
  expect(answer.headers["cache-status"]).toBe("tda; fwd=bypass");
  const result = answer.json<CircularAnswer>();
  expect(result.id).toMatch(computationId);
  expect(result.algorithm).toBe("circular-coordinates");
  for (const c of result.coordinates) expect(c === null || (c >= 0 && c < 1)).toBe(true);
  return result;
}

/** To (−½, ½]. */
const wrapped = (turns: number) => turns - Math.ceil(turns - 0.5);

describe("circular coordinates", () => {
  it("are the angle on a circle, evenly, in one sense or the other", async () => {
    const points = circle(24);
    const { coordinates, bar, fit, parameters, provenance } = await coordinatesOf({ points });
    const step = wrapped(coordinates[1]! - coordinates[0]!);
    expect(Math.abs(step)).toBeCloseTo(1 / 24, 9);
    for (const [i, c] of coordinates.entries()) expect(wrapped(c! - i * step)).toBeCloseTo(0, 9);
    expect(parameters).toMatchObject({ coefficient_field: 41, bar: "longest", scale: null, metric: "euclidean" });
    expect(provenance).toMatchObject({ coefficient_field: 41, method: "exact", truncated: false });
    expect(fit.residual).toBeLessThanOrEqual(1e-12);
    expect(bar.scale).toBeGreaterThanOrEqual(bar.birth);
    expect(bar.scale).toBeLessThan(bar.death!);
    const diagram = computed(await api.compute({ points, coefficient_field: 41 })).diagrams[1]!;
    expect(diagram[bar.index]).toEqual([bar.birth, bar.death]);
  });

  it("follow a noisy circle once around", async () => {
    const next = randomNumbers(401);
    const turns = Array.from({ length: 100 }, next);
    const noise = Array.from({ length: 100 }, next);
    const points = turns.map((turn, i) => {
      const radius = 0.9 + 0.2 * noise[i]!;
      return [radius * Math.cos(2 * Math.PI * turn), radius * Math.sin(2 * Math.PI * turn)];
    });
    const { coordinates } = await coordinatesOf({ points, coefficient_field: 47 });
    const order = [...turns.keys()].sort((a, b) => turns[a]! - turns[b]!);
    const steps = order.map((v, i) => wrapped(coordinates[order[(i + 1) % order.length]!]! - coordinates[v]!));
    expect(Math.abs(steps.reduce((sum, step) => sum + step, 0))).toBeCloseTo(1, 9);
  });

  it("are of the bar that is asked for, and null for points that come later", async () => {
    const distances = [[0], [1, 0], [4, 1, 0], [1, 4, 1, 0], [4, 4, 4, 4, 3.5]];
    const { coordinates, bar } = await coordinatesOf({ distances, bar: { dimension: 1, index: 0 }, scale: 2 });
    expect(bar).toEqual({ dimension: 1, index: 0, birth: 1, death: 4, scale: 2 });
    expect(coordinates[4]).toBeNull();
    expect(Math.abs(wrapped(coordinates[1]! - coordinates[0]!))).toBeCloseTo(0.25, 12);
  });

  it.each([
    ["no loop", { points: [[0], [1]] }, "no_bar", "/bar"],
    ["no point", { points: [] }, "no_bar", "/bar"],
    ["a bar that is not there", { points: unitSquare, bar: { dimension: 1, index: 1 } }, "no_bar", "/bar"],
    [
      "a bar of another dimension",
      { points: unitSquare, bar: { dimension: 2, index: 0 } },
      "validation_failed",
      /^\/bar/,
    ],
    ["a bar by another name", { points: unitSquare, bar: "shortest" }, "validation_failed", "/bar"],
    ["a scale at the death", { points: unitSquare, scale: Math.SQRT2 }, "scale_outside_bar", "/scale"],
    [
      "the field of two elements",
      { points: unitSquare, coefficient_field: 2 },
      "invalid_coefficient_field",
      "/coefficient_field",
    ],
    [
      "a field that is none",
      { points: unitSquare, coefficient_field: 9 },
      "invalid_coefficient_field",
      "/coefficient_field",
    ],
    ["a parameter of diagrams", { points: unitSquare, max_dimension: 2 }, "unknown_field", "/max_dimension"],
    ["no input", {}, "missing_input", ""],
    ["ragged rows", { points: [[0, 1], [2]] }, "ragged_rows", /^\/points/],
    [
      "too little memory",
      { points: randomPoints(100, 3, 411), memory_limit_bytes: 4096 },
      "memory_limit_exceeded",
      "/memory_limit_bytes",
    ],
  ] as const)("refuse %s", async (_name, body, code, pointer) => {
    refused(await ask(body), 422, code, pointer);
  });

  it("of a torsion class are refused, and another prime has no such class", async () => {
    const pairs: [number, number][] = [];
    for (let i = 0; i < 5; i++) pairs.push([i, (i + 1) % 5]);
    for (let i = 0; i < 15; i++) {
      pairs.push([5 + i, 5 + ((i + 1) % 15)], [5 + i, i % 5], [5 + i, (i + 1) % 5], [5 + i, 20]);
    }
    const sparse_distances = {
      n: 21,
      rows: pairs.map(([i]) => i),
      cols: pairs.map(([, j]) => j),
      values: pairs.map(() => 1),
    };
    refused(await ask({ sparse_distances, coefficient_field: 3 }), 422, "cocycle_not_integral", "/coefficient_field");
    refused(await ask({ sparse_distances, coefficient_field: 5 }), 422, "no_bar", "/bar");
  });

  it("are asked for in JSON only", async () => {
    const answer = await api.post("/v1/compute/circular-coordinates", "0,0\n1,0\n", {
      headers: { "Content-Type": "text/csv" },
    });
    refused(answer, 415, "unsupported_media_type");
  });
});
