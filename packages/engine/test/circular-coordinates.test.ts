/** Circular coordinates through both native bindings. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCoordinates } from "../src/host-messages.ts";
import { createTypeScriptEngine, type Engine } from "../src/index.ts";
import type { CircularCoordinatesOptions } from "../src/types.ts";
import { engines } from "./support/engines.ts";
import { full, pointsOf, randomNumbers, unitSquare } from "./support/inputs.ts";

const defaults: CircularCoordinatesOptions = {
  threshold: null,
  coefficientField: 41,
  threads: null,
  memoryLimitBytes: null,
  bar: null,
  scale: null,
};

/** To (−½, ½]. */
const wrapped = (turns: number) => turns - Math.ceil(turns - 0.5);

const turns = randomNumbers(90, 17);
const noise = randomNumbers(90, 18);
const noisyCircle = pointsOf(
  Float64Array.from(
    [...turns].flatMap((turn, i) => {
      const radius = 0.9 + 0.2 * noise[i]!;
      return [radius * Math.cos(2 * Math.PI * turn), radius * Math.sin(2 * Math.PI * turn)];
    }),
  ),
  2,
);

describe.each(engines.filter(({ isNative }) => isNative))("the $name engine", ({ create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.close());

  it("winds once around a noisy circle", async () => {
    const result = await engine.circularCoordinates(noisyCircle, defaults);
    const order = Array.from(turns.keys()).sort((a, b) => turns[a]! - turns[b]!);
    const steps = order.map((v, i) => {
      const next = order[(i + 1) % order.length]!;
      return wrapped(result.coordinates[next]! - result.coordinates[v]!);
    });
    expect(Math.abs(steps.reduce((sum, step) => sum + step, 0))).toBeCloseTo(1, 9);
    expect(result.coordinates[0]).toBe(0);
    expect(result.residual).toBeLessThanOrEqual(1e-12);
    expect(result.energy).toBeGreaterThan(0);
    expect(result.steps).toBeGreaterThan(0);
    expect(result.scale).toBe(result.birth + (result.death - result.birth) / 2);
    expect(result.statistics).toMatchObject({ points: 90, truncated: false, simdTarget: expect.any(String) });
  });

  it("takes the bar and the scale that it is given", async () => {
    const longest = await engine.circularCoordinates(noisyCircle, defaults);
    const same = await engine.circularCoordinates(noisyCircle, { ...defaults, bar: longest.bar, scale: longest.scale });
    expect(same.coordinates).toEqual(longest.coordinates);
    const later = await engine.circularCoordinates(noisyCircle, { ...defaults, scale: longest.birth });
    expect(later).toMatchObject({ bar: longest.bar, scale: longest.birth });
    expect(later.statistics.edges).toBeLessThan(longest.statistics.edges);
  });

  it("has no number for a point that is not there yet", async () => {
    const rows = [
      [0, 1, 4, 1, 4],
      [1, 0, 1, 4, 4],
      [4, 1, 0, 1, 4],
      [1, 4, 1, 0, 4],
      [4, 4, 4, 4, 3.5],
    ];
    const { coordinates } = await engine.circularCoordinates(full(rows), defaults);
    expect(coordinates[4]).toBeNaN();
    expect([...coordinates.subarray(0, 4)].every((c) => c >= 0 && c < 1)).toBe(true);
  });

  it.each([
    ["no loop", pointsOf(Float64Array.of(0, 1), 1), {}, "no_bar"],
    ["a bar that is not there", unitSquare, { bar: 1 }, "no_bar"],
    ["a scale below the birth", unitSquare, { scale: 0.5 }, "scale_outside_bar"],
    ["the field of two elements", unitSquare, { coefficientField: 2 }, "invalid_field"],
    ["half a bar", unitSquare, { bar: 0.5 }, "invalid_option"],
    ["a scale that is no number", unitSquare, { scale: Number.NaN }, "invalid_option"],
    ["too little memory", unitSquare, { memoryLimitBytes: 64 }, "memory_limit_exceeded"],
  ] as const)("refuses %s", async (_name, input, options, code) => {
    await expect(engine.circularCoordinates(input, { ...defaults, ...options })).rejects.toMatchObject({ code });
  });

  it("is cancelled before it begins", async () => {
    const call = engine.circularCoordinates(unitSquare, defaults, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
  });
});

it("both bindings give the same bytes", async () => {
  const all = await Promise.all(engines.filter(({ isNative }) => isNative).map(({ create }) => create()));
  const [first, second] = await Promise.all(all.map((one) => one.circularCoordinates(noisyCircle, defaults)));
  expect(second!.coordinates).toEqual(first!.coordinates);
  expect(second).toMatchObject({ energy: first!.energy, residual: first!.residual, steps: first!.steps });
  await Promise.all(all.map((one) => one.close()));
});

it("the TypeScript engine has none", async () => {
  const call = createTypeScriptEngine().circularCoordinates(unitSquare, defaults);
  await expect(call).rejects.toMatchObject({ code: "not_supported" });
});

it("a frame whose number of coordinates is not its length is refused", () => {
  const payload = new ArrayBuffer(128 + 16);
  new DataView(payload).setBigUint64(8, 3n, true);
  expect(readCoordinates(payload)).toBeNull();
});
