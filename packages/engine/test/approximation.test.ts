/** Approximations through both native bindings: the same bytes, and what the result says of itself. The engine's own tests judge the bounds. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Approximation, Engine, VietorisRipsOptions } from "../src/index.ts";
import { engines } from "./support/engines.ts";
import { defaults, points, randomPoints, sparse, unitSquare } from "./support/inputs.ts";

const cloud = randomPoints(400, 2, 3);
const half: Approximation = { method: "sparse-rips", epsilon: 0.5 };
const sixty: Approximation = { method: "subsample", points: 60 };
const withApproximation = (approximation: Approximation): VietorisRipsOptions => ({ ...defaults, approximation });

describe.each(engines.filter(({ isNative }) => isNative))("the $name engine", ({ create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.close());

  it("is exact unless asked otherwise", async () => {
    for (const options of [defaults, { ...defaults, approximation: null }]) {
      const { statistics } = await engine.vietorisRips(cloud, options);
      expect(statistics).toMatchObject({
        method: "exact",
        errorKind: "none",
        errorBound: 0,
        coverRadius: 0,
        points: 400,
      });
    }
  });

  it("names a subsample and bounds its error by its cover radius", async () => {
    const { statistics, diagrams } = await engine.vietorisRips(cloud, withApproximation(sixty));
    expect(statistics).toMatchObject({ method: "subsample", errorKind: "additive", points: 60 });
    expect(statistics.coverRadius).toBeGreaterThan(0);
    expect(statistics.errorBound).toBe(2 * statistics.coverRadius);
    expect(diagrams[0]?.length).toBe(2 * 60);
  });

  it("names sparse Rips and bounds its error by a factor", async () => {
    const exact = await engine.vietorisRips(cloud, defaults);
    const { statistics } = await engine.vietorisRips(cloud, withApproximation(half));
    expect(statistics).toMatchObject({
      method: "sparse-rips",
      errorKind: "multiplicative",
      errorBound: 2,
      points: 400,
    });
    expect(statistics.edges).toBeLessThan(exact.statistics.edges);
  });

  it("calls a subsample of all points exact, since it is", async () => {
    const exact = await engine.vietorisRips(cloud, defaults);
    const all = await engine.vietorisRips(cloud, withApproximation({ method: "subsample", points: 400 }));
    expect(all.diagrams).toEqual(exact.diagrams);
    expect(all.statistics).toMatchObject({ method: "exact", errorBound: 0 });
  });

  it("estimates the approximate run", async () => {
    const exact = await engine.estimateVietorisRips(cloud, defaults);
    for (const approximation of [half, sixty]) {
      const estimate = await engine.estimateVietorisRips(cloud, withApproximation(approximation));
      const { statistics } = await engine.vietorisRips(cloud, withApproximation(approximation));
      expect(estimate.edges).toBe(statistics.edges);
      expect(estimate.edges).toBeLessThan(exact.edges);
    }
  });

  it("refuses what it can't bound", async () => {
    const entries = sparse(2, [[0, 1, 1]]);
    for (const approximation of [half, sixty]) {
      const call = engine.vietorisRips(entries, withApproximation(approximation));
      await expect(call).rejects.toMatchObject({ code: "not_supported" });
    }
    const cosine = points(
      [
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      "cosine",
    );
    await expect(engine.vietorisRips(cosine, withApproximation(half))).rejects.toMatchObject({ code: "not_supported" });
  });
});

describe.each(engines.filter(({ isNative }) => !isNative))("the $name engine", ({ create }) => {
  it("does not approximate", async () => {
    const engine = await create();
    for (const approximation of [half, sixty]) {
      const options = withApproximation(approximation);
      await expect(engine.vietorisRips(unitSquare, options)).rejects.toMatchObject({ code: "not_supported" });
      await expect(engine.estimateVietorisRips(unitSquare, options)).rejects.toMatchObject({ code: "not_supported" });
    }
    await engine.close();
  });
});
