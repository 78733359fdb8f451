import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gridPoints, randomPoints, unitSquare } from "./support/inputs.ts";
import { becameJob } from "./support/jobs.ts";
import { externalUrl, Product } from "./support/product.ts";
import { computed } from "./support/shapes.ts";
import { cases } from "./support/vietoris-rips-cases.ts";

describe.skipIf(externalUrl !== undefined)("the engine without a compiler", () => {
  let small: Product;
  let native: Product;

  beforeAll(async () => {
    small = await (await Product.launch({ env: { FEATURE_MOCK_CPP_ENGINE: "true" } })).settled();
    native = await (await Product.launch()).settled();
  });
  afterAll(async () => {
    await small?.dispose();
    await native?.dispose();
  });

  it("names itself in each result", async () => {
    expect(computed(await small.api.compute({ points: unitSquare })).provenance.engine).toBe("typescript");
    expect(computed(await native.api.compute({ points: unitSquare })).provenance.engine).toBe("native");
    expect((await small.api.get("/v1/version")).json()).toMatchObject({ engine: "typescript" });
    expect(small.named("tda-engine-host")).toEqual([]);
  });

  it.each(cases.map((one) => [one.name, one.request] as const))(
    "gives the native engine's diagrams: %s",
    async (_name, request) => {
      const [ours, theirs] = [await small.api.compute(request), await native.api.compute(request)];
      expect(computed(ours).diagrams).toEqual(computed(theirs).diagrams);
    },
  );

  it("gives the native engine's diagrams for random points over several fields", async () => {
    for (const [index, field] of [2, 3, 11].entries()) {
      for (const points of [randomPoints(18, 3, 131 + index), gridPoints(12, 2, 4, 141 + index)]) {
        const request = { points, max_dimension: 2, coefficient_field: field };
        const [ours, theirs] = [await small.api.compute(request), await native.api.compute(request)];
        expect(computed(ours).diagrams).toEqual(computed(theirs).diagrams);
      }
    }
  });

  it("refuses what is too large for it with a problem", async () => {
    const answer = await small.api.compute({ points: randomPoints(20_000, 3, 150), max_dimension: 3 });
    if (answer.status === 202) return void (await becameJob(small.api, answer));
    expect(answer.status).toBe(422);
    expect(answer.json().code).toMatch(/^(memory_limit_exceeded|point_limit_exceeded|not_supported)$/);
  });
});
