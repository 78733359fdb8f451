/** What every implementation of `Engine` answers alike: known diagrams, valid edge cases, error codes and their places. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, EngineInput } from "../src/index.ts";
import { errors, known } from "./support/conformance-cases.ts";
import { barsOf } from "./support/diagrams.ts";
import { engines } from "./support/engines.ts";
import { defaults, longInput, longOptions, randomPoints, unitSquare } from "./support/inputs.ts";

describe.each(engines)("the $name engine", ({ isNative, create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.close());

  it("says what it is", () => {
    expect(engine.kind).toBe(isNative ? "native" : "typescript");
    expect(engine.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each(known)("knows $name", async ({ input, options, bars }) => {
    const result = await engine.vietorisRips(input, { ...defaults, ...options });
    expect(barsOf(result)).toEqual(bars);
  });

  it.each(errors)("refuses $name with $code", async ({ input = unitSquare, options, code, place }) => {
    const call = engine.vietorisRips(input, { ...defaults, ...options });
    await expect(call).rejects.toMatchObject({ name: "EngineError", code, place: place ?? {} });
  });

  it.each(errors.filter(({ code }) => code !== "memory_limit_exceeded"))(
    "refuses to estimate $name with $code",
    async ({ input = unitSquare, options, code, place }) => {
      const call = engine.estimateVietorisRips(input, { ...defaults, ...options });
      await expect(call).rejects.toMatchObject({ name: "EngineError", code, place: place ?? {} });
    },
  );

  it("tells what it looked at", async () => {
    const { statistics } = await engine.vietorisRips(unitSquare, { ...defaults, threshold: 1 });
    expect(statistics).toMatchObject({ points: 4, edges: 4, threshold: 1, truncated: true });
    expect(statistics.enclosingRadius).toBe(Math.SQRT2);
    expect(statistics.computeMs).toBeGreaterThanOrEqual(0);
    expect(statistics.peakBytes).toBeGreaterThan(0);
    const whole = await engine.vietorisRips(unitSquare, defaults);
    expect(whole.statistics).toMatchObject({ edges: 6, threshold: Math.SQRT2, truncated: false });
  });

  it("counts the simplices of a small input", async () => {
    const estimate = await engine.estimateVietorisRips(unitSquare, defaults);
    expect(estimate).toMatchObject({ exact: true, points: 4, edges: 6, simplices: [4, 6, 4], threshold: Math.SQRT2 });
    expect(estimate.bytes).toBeGreaterThan(0);
    expect(estimate.seconds).toBeGreaterThanOrEqual(0);
  });

  it("answers the same with edge collapse on, off and left to it", async () => {
    const input = randomPoints(40, 3, 6);
    const options = { ...defaults, maxDimension: 2, threshold: 0.7, coefficientField: 3 };
    const { diagrams } = await engine.vietorisRips(input, { ...options, edgeCollapse: "off" });
    for (const edgeCollapse of ["on", "auto"] as const)
      expect((await engine.vietorisRips(input, { ...options, edgeCollapse })).diagrams).toEqual(diagrams);
  });

  it("answers the same when the enclosing radius is given", async () => {
    const input = randomPoints(40, 3, 5);
    const options = { ...defaults, maxDimension: 2 };
    const first = await engine.vietorisRips(input, options);
    const second = await engine.vietorisRips(input, { ...options, threshold: first.statistics.enclosingRadius });
    expect(second.diagrams).toEqual(first.diagrams);
    expect(second.statistics.truncated).toBe(false);
  });

  it("scales its bars with its input", async () => {
    const once = randomPoints(30, 2, 9);
    const twice = { ...once, values: once.values.map((value) => 2 * value) } as EngineInput;
    const expected = (await engine.vietorisRips(once, defaults)).diagrams.map((diagram) =>
      diagram.map((value) => 2 * value),
    );
    expect((await engine.vietorisRips(twice, defaults)).diagrams).toEqual(expected);
  });

  it("is cancelled before it begins", async () => {
    const call = engine.vietorisRips(unitSquare, defaults, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    const estimate = engine.estimateVietorisRips(unitSquare, defaults, { signal: AbortSignal.abort() });
    await expect(estimate).rejects.toMatchObject({ code: "cancelled" });
  });

  it("reports progress that never goes back, and is cancelled from there", async () => {
    const fractions: number[] = [];
    const abort = new AbortController();
    const [input, options] = isNative
      ? [longInput, longOptions]
      : [randomPoints(120, 3), { ...defaults, maxDimension: 2 }];
    const call = engine.vietorisRips(input, options, {
      signal: abort.signal,
      onProgress: ({ fraction }) => {
        fractions.push(fraction);
        if (fractions.length === 3) abort.abort();
      },
    });
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(fractions.length).toBe(3);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
  });

  it("computes several inputs at once", async () => {
    const inputs = Array.from({ length: 6 }, (_, seed) => randomPoints(30, 3, seed));
    const alone: unknown[] = [];
    for (const input of inputs) alone.push((await engine.vietorisRips(input, defaults)).diagrams);
    const together = await Promise.all(inputs.map((input) => engine.vietorisRips(input, defaults)));
    expect(together.map(({ diagrams }) => diagrams)).toEqual(alone);
  });

  it("refuses calls after it is closed", async () => {
    const closed = await create();
    await closed.close();
    await closed.close();
    await expect(closed.vietorisRips(unitSquare, defaults)).rejects.toMatchObject({ code: "engine_closed" });
    await expect(closed.estimateVietorisRips(unitSquare, defaults)).rejects.toMatchObject({ code: "engine_closed" });
  });
});
