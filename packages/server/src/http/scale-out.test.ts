import { randomInt, randomUUID } from "node:crypto";
import { createTypeScriptEngine } from "@tda-platform/engine/typescript/index";
import { startServices } from "@tda-platform/services";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { TestBed, until } from "../../test/support/test-bed.ts";

/** Two servers on one PostgreSQL and one Redis. */

let services: Awaited<ReturnType<typeof startServices<{ postgres: true; redis: true }>>>;
let bed: TestBed;
beforeAll(async () => {
  services = await startServices({ postgres: true, redis: true });
  bed = await TestBed.on(services.postgres);
});
afterEach(() => bed.endServers());
afterAll(async () => {
  await bed.end();
  await services.stop();
});

const fresh = () => ({
  points: [
    [Math.random(), 0],
    [1, 0],
    [0, 1],
  ],
});

/** Two servers with an empty Redis database of their own; what the engines compute is counted. */
async function pair(more: Readonly<Record<string, string>> = {}) {
  let computed = 0;
  const gate = { open: Promise.resolve() };
  const env = { ...more, REDIS_URL: `${services.redis.url}/${randomInt(1, 256)}` };
  const engine = () => {
    const own = createTypeScriptEngine();
    return Object.assign(Object.create(own), {
      vietorisRips: async (...call: Parameters<typeof own.vietorisRips>) => {
        computed++;
        await gate.open;
        return own.vietorisRips(...call);
      },
    });
  };
  const [a, b] = [await bed.server({ env, engine: engine() }), await bed.server({ env, engine: engine() })];
  const circuitOf = async ({ get }: typeof a) =>
    /tda_circuit_state\{dependency="cache"\} (\d)/.exec(await (await get("/metrics")).text())?.[1];
  // The first commands of a busy machine may be late: wait until both have an answered Redis.
  await until(async () => (await circuitOf(a)) === "0" && (await circuitOf(b)) === "0");
  return { a, b, gate, circuitOf, computed: () => computed };
}

it("what one server has computed the other answers from the cache", async () => {
  const { a, b, computed } = await pair();
  const answer = await until(async () => {
    const body = fresh();
    const first = await a.post(body);
    const second = await b.post(body);
    // A command that took longer than its time on a busy machine is a miss, no failure.
    return second.headers.get("cache-status") === "tda; hit" && [await first.json(), await second.json()];
  });
  const [first, second] = answer as Record<string, unknown>[];
  expect({ ...second, id: "" }).toEqual({ ...first, id: "" });
  expect(second!.id).not.toBe(first!.id);
  expect(computed()).toBeGreaterThan(0);
});

it("equal requests to both at the same time are computed once", async () => {
  const { a, b, gate, computed } = await pair();
  const opened = Promise.withResolvers<void>();
  gate.open = opened.promise;
  const body = fresh();
  const first = a.post(body);
  await until(() => computed() === 1);
  const second = b.post(body);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(computed()).toBe(1);
  opened.resolve();
  const answers = [await first, await second];
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(computed()).toBe(1);
});

it("a caller's rate is that of both together", async () => {
  const { a, b } = await pair({ TDA_RATE_LIMIT_PER_SECOND: "0.01", TDA_RATE_LIMIT_BURST: "6" });
  const statuses = [];
  for (let i = 0; i < 10; i++) statuses.push((await (i % 2 === 0 ? a : b).get("/v1/version")).status);
  expect(statuses.filter((status) => status === 200).length).toBe(6);
});

it("an idempotency key of one server is known to the other", async () => {
  const { a, b } = await pair();
  const key = { "idempotency-key": randomUUID() };
  const job = { algorithm: "vietoris-rips", input: fresh() };
  const first = await a.post(job, key, "/v1/jobs/compute");
  const second = await b.post(job, key, "/v1/jobs/compute");
  expect([first.status, second.status, second.headers.get("idempotency-replayed")]).toEqual([202, 202, "true"]);
  expect(await second.json()).toEqual(await first.json());
});

it.each([
  ["killed", () => services.redis.kill(), () => services.redis.restart()],
  ["frozen", () => services.redis.freeze(), () => services.redis.resume()],
])("with Redis %s both answer, ready and degraded, and use it again when it is back", async (_how, fail, recover) => {
  const { a, b, circuitOf } = await pair();
  const known = fresh();
  expect((await a.post(known)).status).toBe(200);
  await fail();
  for (const server of [a, b]) expect((await server.post(fresh())).status).toBe(200);
  await until(async () => (await circuitOf(a)) === "2" && (await circuitOf(b)) === "2");
  const cached = await a.post(known);
  expect([cached.status, cached.headers.get("cache-status")]).toEqual([200, "tda; hit"]);
  expect((await b.post(known)).status).toBe(200);
  expect((await a.get("/health/ready")).status).toBe(200);
  await recover();
  await until(async () => (await circuitOf(a)) === "0" && (await circuitOf(b)) === "0");
  await until(async () => {
    const body = fresh();
    await a.post(body);
    return (await b.post(body)).headers.get("cache-status") === "tda; hit";
  });
});
