import { randomBytes } from "node:crypto";
import { RIPS_RESULT_SCHEMA, type RipsResult } from "@tda-platform/contract/compute-results";
import { COMPUTE_EXAMPLES } from "@tda-platform/contract/examples";
import { createTypeScriptEngine } from "@tda-platform/engine/typescript/index";
import { Ajv } from "ajv";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

const ajv = new Ajv({ allowUnionTypes: true });
const isResult = ajv.compile(RIPS_RESULT_SCHEMA);
const square = {
  points: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};
/** New data each time: results of one test never answer another. */
const cloud = (count: number) => ({
  points: Array.from({ length: count }, () => Array.from({ length: 3 }, () => randomBytes(4).readUInt32LE() / 2 ** 32)),
});
/** Seconds of work for the TypeScript engine: random distances, which no metric has. */
const slow = () => ({
  distances: Array.from({ length: 80 }, (_, i) =>
    Array.from({ length: i }, () => randomBytes(4).readUInt32LE() / 2 ** 32),
  ),
  threshold: 2,
  max_dimension: 2,
});

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

async function result(answer: Response): Promise<RipsResult> {
  const body: unknown = await answer.json();
  expect(answer.status, JSON.stringify(body)).toBe(200);
  if (!isResult(body)) expect.fail(ajv.errorsText(isResult.errors));
  return body as RipsResult;
}

async function problem(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  return (await answer.json()) as Record<string, unknown>;
}

async function metric(server: TestServer, line: string): Promise<number> {
  const text = await (await server.get("/metrics")).text();
  return Number(
    text
      .split("\n")
      .find((one) => one.startsWith(`${line} `))
      ?.split(" ")
      .at(-1) ?? 0,
  );
}

describe("an answer", () => {
  it("is what the contract says, for every example of it", async () => {
    const server = await bed.server();
    for (const { value } of Object.values(COMPUTE_EXAMPLES)) await result(await server.post(value));
    const { diagrams, parameters, provenance } = await result(await server.post(square));
    expect(diagrams).toEqual([
      [
        [0, 1],
        [0, 1],
        [0, 1],
        [0, null],
      ],
      [[1, Math.SQRT2]],
    ]);
    expect(parameters).toMatchObject({ metric: "euclidean", max_dimension: 1, threshold: null, threads: null });
    expect(provenance).toMatchObject({ threshold: Math.SQRT2, truncated: false, engine: "typescript" });
  });

  it("is recorded before it is given, once", async () => {
    const server = await bed.server();
    const body = cloud(8);
    const first = await result(await server.post(body, { "x-request-id": "first" }));
    expect(await bed.recorded(first.id)).toMatchObject({
      status: "succeeded",
      error_code: null,
      principal_id: "local",
      request_id: "first",
    });
    const second = await result(await server.post(body));
    expect(await bed.recorded(second.id)).toBeUndefined();
  });

  it("comes from the cache with a new id and nothing else new", async () => {
    const server = await bed.server();
    const body = cloud(10);
    const answers = [];
    for (let turn = 0; turn < 4; turn++) answers.push(await server.post(body));
    expect(answers.map((one) => one.headers.get("cache-status"))).toEqual([
      "tda; fwd=miss",
      "tda; hit",
      "tda; hit",
      "tda; hit",
    ]);
    const bodies = await Promise.all(answers.map(result));
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(4);
    for (const one of bodies) expect({ ...one, id: "" }).toEqual({ ...bodies[0], id: "" });
    expect(await metric(server, 'tda_cache_lookups_total{result="hit"}')).toBe(3);
  });

  it("has the parameters of its own request, also from the cache", async () => {
    const server = await bed.server();
    const body = cloud(10);
    for (const threads of [null, 2, 3, 2]) {
      const { parameters } = await result(await server.post({ ...body, threads }));
      expect(parameters.threads).toBe(threads);
    }
  });

  it("is computed each time without a cache", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_CACHING: "false" } });
    const body = cloud(6);
    for (let turn = 0; turn < 3; turn++) {
      const answer = await server.post(body);
      expect(answer.headers.get("cache-status")).toBe("tda; fwd=miss");
      const { id } = await result(answer);
      expect(await bed.recorded(id)).toBeDefined();
    }
  });

  it("is not given across settings: a lower limit holds for what was answered before", async () => {
    const { cache } = await sharedCache();
    const body = { ...cloud(6), max_dimension: 3 };
    const wide = await bed.server({ cache });
    for (let turn = 0; turn < 3; turn++) await result(await wide.post(body));
    const narrow = await bed.server({ cache, env: { TDA_MAX_DIMENSION: "2" } });
    expect(await problem(await narrow.post(body))).toMatchObject({ code: "dimension_limit_exceeded" });
  });

  it("is not given to another project", async () => {
    const { cache } = await sharedCache();
    const body = cloud(6);
    const one = await bed.server({ cache });
    for (let turn = 0; turn < 3; turn++) await result(await one.post(body));
    const projectSecrets = { cacheKey: async () => randomBytes(32) };
    const other = await bed.server({ cache, projectSecrets });
    expect((await other.post(body)).headers.get("cache-status")).toBe("tda; fwd=miss");
  });

  async function sharedCache() {
    const { MemoryCache } = await import("../adapters/cache/memory-cache.ts");
    return { cache: new MemoryCache(1e7) };
  }
});

describe("a memory budget", () => {
  it("fails with the budget, is recorded, and is not kept", async () => {
    const server = await bed.server();
    const body = { ...cloud(30), max_dimension: 2 };
    const answer = await server.post({ ...body, memory_limit_bytes: 2000 }, { "x-request-id": "small-budget" });
    expect(answer.status).toBe(422);
    expect(await problem(answer)).toMatchObject({
      code: "memory_limit_exceeded",
      memory_limit_bytes: 2000,
      errors: [{ pointer: "/memory_limit_bytes" }],
    });
    expect(await bed.recordedBy("small-budget")).toMatchObject([
      { status: "failed", error_code: "memory_limit_exceeded" },
    ]);
    expect((await server.post(body)).headers.get("cache-status")).toBe("tda; fwd=miss");
  });

  it("that a cached result would have passed is passed all the same", async () => {
    const server = await bed.server();
    const body = { ...cloud(30), max_dimension: 2 };
    const { statistics } = await result(await server.post(body));
    const within = await server.post({ ...body, memory_limit_bytes: statistics.peak_bytes });
    expect(within.headers.get("cache-status")).toBe("tda; hit");
    const below = await server.post({ ...body, memory_limit_bytes: 2000 });
    expect(await problem(below)).toMatchObject({ code: "memory_limit_exceeded" });
  });

  it("above the service's is lowered to it", async () => {
    const server = await bed.server({ env: { TDA_MEMORY_LIMIT_BYTES: "50MiB" } });
    const { parameters } = await result(await server.post({ ...square, memory_limit_bytes: 1e15 }));
    expect(parameters.memory_limit_bytes).toBe(50 * 1024 * 1024);
  });
});

describe("equal requests in flight", () => {
  it("compute once, each with an id of its own", async () => {
    const server = await bed.server();
    const body = { ...cloud(60), max_dimension: 1 };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => server.post(body)));
    const bodies = await Promise.all(answers.map(result));
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(5);
    const recorded = await Promise.all(bodies.map(({ id }) => bed.recorded(id)));
    expect(recorded.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await metric(server, 'tda_computations_total{outcome="succeeded"}')).toBe(1);
  });

  it("are cancelled when the last client has left, and that is recorded", async () => {
    const server = await bed.server({ env: { TDA_SYNC_LIMIT_SECONDS: "86400" } });
    const body = JSON.stringify(slow());
    const clients = [1, 2].map((n) => {
      const controller = new AbortController();
      const headers = { "content-type": "application/json", "x-request-id": `leaver-${n}` };
      const url = `${server.url}/v1/compute/vietoris-rips`;
      const left = fetch(url, { method: "POST", headers, body, signal: controller.signal }).catch(() => "left");
      return { controller, left };
    });
    await until(async () => (await metric(server, "tda_computations_running")) === 1);
    clients[0]!.controller.abort();
    expect(await clients[0]!.left).toBe("left");
    await until(() => server.log.some((line) => line.status === 499));
    expect(await metric(server, "tda_computations_running")).toBe(1);
    clients[1]!.controller.abort();
    await until(async () => (await metric(server, "tda_computations_running")) === 0);
    const rows = await until(async () => {
      const found = [...(await bed.recordedBy("leaver-1")), ...(await bed.recordedBy("leaver-2"))];
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ status: "cancelled", error_code: null }]);
    expect(await metric(server, 'tda_computations_total{outcome="cancelled"}')).toBe(1);
  });
});

describe("cost", () => {
  it("above the limit is refused with the estimate, of what can't become a job", async () => {
    const server = await bed.server({ env: { TDA_SYNC_LIMIT_SECONDS: "0.001" } });
    const answer = await server.post(cloud(150), {}, "/v1/compute/circular-coordinates");
    expect(answer.status).toBe(422);
    expect(await problem(answer)).toMatchObject({
      code: "cost_limit_exceeded",
      estimate: { points: 150, seconds: expect.any(Number), simplices: expect.any(Array) },
      synchronous_limit_seconds: 0.001,
    });
  });

  it("makes no job of what was answered before, unless an asynchronous answer is preferred", async () => {
    const server = await bed.server();
    const body = cloud(6);
    for (let turn = 0; turn < 3; turn++) await result(await server.post(body));
    for (const prefer of ["respond-async", "Respond-Async, wait=10", "wait=10, respond-async"]) {
      const answer = await server.post(body, { prefer });
      expect([answer.status, answer.headers.get("preference-applied")]).toEqual([202, "respond-async"]);
    }
    for (const prefer of ["wait=10", "x-respond-async"]) await result(await server.post(body, { prefer }));
  });

  it("is estimated without computing", async () => {
    const server = await bed.server();
    const body = { ...cloud(30), max_dimension: 2 };
    for (const path of ["/v1/compute/estimate", "/compute/estimate"]) {
      const answer = await server.post(body, {}, path);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        algorithm: "vietoris-rips",
        points: 30,
        synchronous: true,
        parameters: { max_dimension: 2, metric: "euclidean" },
      });
    }
    expect(await metric(server, 'tda_computations_total{outcome="succeeded"}')).toBe(0);
  });
});

describe("when a part is missing", () => {
  it("a computation that can't be recorded is not answered, and not kept", async () => {
    const body = cloud(6);
    const down = { record: async () => Promise.reject(new Error("the connection is gone: password=secret")) };
    const { MemoryCache } = await import("../adapters/cache/memory-cache.ts");
    const cache = new MemoryCache(1e7);
    const broken = await bed.server({ computations: down, cache });
    const answer = await broken.post(body);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    const document = await problem(answer);
    expect(document.code).toBe("storage_unavailable");
    expect(JSON.stringify(document)).not.toContain("secret");
    const healthy = await bed.server({ cache });
    expect((await healthy.post(body)).headers.get("cache-status")).toBe("tda; fwd=miss");
  });

  it("results that wait for their record leave the engine to others, up to a number", async () => {
    const gate = Promise.withResolvers<void>();
    let recording = 0;
    const record = async () => {
      recording++;
      await gate.promise;
    };
    const env = { TDA_MAX_CONCURRENT_COMPUTATIONS: "1", TDA_MAX_QUEUED_COMPUTATIONS: "100" };
    const server = await bed.server({ env, computations: { record } });
    const answers = Array.from({ length: 67 }, () => server.post(cloud(3)));
    await until(() => recording === 65);
    // The 65th holds the only place, and the others wait for it.
    await until(async () => (await metric(server, "tda_computations_waiting")) === 2);
    expect(await metric(server, "tda_computations_running")).toBe(1);
    expect(recording).toBe(65);
    gate.resolve();
    for (const answer of answers) await result(await answer);
    expect(recording).toBe(67);
  });

  it("an engine that is closed is a server that stops", async () => {
    const engine = createTypeScriptEngine();
    const server = await bed.server({ engine });
    await engine.close();
    const answer = await server.post(cloud(6));
    expect(answer.status).toBe(503);
    expect(await problem(answer)).toMatchObject({ code: "shutting_down" });
  });

  it("no room is left: busy, with a time to come back", async () => {
    const env = {
      TDA_MAX_CONCURRENT_COMPUTATIONS: "1",
      TDA_MAX_QUEUED_COMPUTATIONS: "0",
      TDA_SYNC_LIMIT_SECONDS: "86400",
    };
    const server = await bed.server({ env });
    const controller = new AbortController();
    const running = fetch(`${server.url}/v1/compute/vietoris-rips`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(slow()),
      signal: controller.signal,
    }).catch(() => undefined);
    await until(async () => (await metric(server, "tda_computations_running")) === 1);
    const answer = await server.post(square);
    expect([answer.status, await problem(answer)]).toEqual([503, expect.objectContaining({ code: "overloaded" })]);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    controller.abort();
    await running;
    await until(async () => (await metric(server, "tda_computations_running")) === 0);
    await result(await server.post(square));
  });

  it("the computation takes too long: it is cancelled and recorded", async () => {
    // The estimate is trusted up to a factor of ten; a computation of this size passes both by far.
    const engine = createTypeScriptEngine();
    const underestimates = {
      ...engine,
      estimateVietorisRips: async (...call: Parameters<typeof engine.estimateVietorisRips>) => ({
        ...(await engine.estimateVietorisRips(...call)),
        seconds: 0,
      }),
    };
    const server = await bed.server({ engine: underestimates, env: { TDA_SYNC_LIMIT_SECONDS: "0.001" } });
    const answer = await server.post(slow(), { "x-request-id": "too-long" });
    expect([answer.status, await problem(answer)]).toEqual([
      504,
      expect.objectContaining({ code: "computation_timeout" }),
    ]);
    expect(await bed.recordedBy("too-long")).toMatchObject([{ status: "failed", error_code: "computation_timeout" }]);
  });
});

describe("idempotency keys", () => {
  it("are checked, and such a request is never replayed", async () => {
    const server = await bed.server();
    const body = cloud(6);
    const refused = await server.post(body, { "idempotency-key": "x".repeat(256) });
    expect([refused.status, await problem(refused)]).toEqual([
      422,
      expect.objectContaining({ code: "invalid_idempotency_key" }),
    ]);
    for (let turn = 0; turn < 2; turn++) await result(await server.post(body, { "idempotency-key": "a-key" }));
  });
});
