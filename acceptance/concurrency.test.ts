import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Api } from "./support/http.ts";
import { endlessWork, longWork, randomPoints, unitSquare } from "./support/inputs.ts";
import { becameJob } from "./support/jobs.ts";
import { computations, inFlight } from "./support/metrics.ts";
import { until } from "./support/poll.ts";
import { residentBytes, signalQuietly } from "./support/processes.ts";
import { externalUrl, type Product, type Target, target } from "./support/product.ts";
import { type ComputeAnswer, computed, refused } from "./support/shapes.ts";

const running = (api: Api, count: number) =>
  until(`${count} computations in flight`, async () => (await inFlight(api)) === count);

/** A request that its client gives up. */
function leaving(api: Api, body: unknown): { leave(): void; left: Promise<unknown> } {
  const controller = new AbortController();
  const left = api.compute(body, { signal: controller.signal }).then(
    (answer) => answer,
    (error: unknown) => error,
  );
  return { leave: () => controller.abort(), left };
}

describe.skipIf(externalUrl !== undefined)("computations at the same time", () => {
  let server: Target;
  let product: Product;
  let api: Api;

  beforeAll(async () => {
    server = await target({ TDA_ENGINE_HOSTS: "2", TDA_SYNC_LIMIT_SECONDS: "86400" });
    product = server.product!;
    api = server.api;
  });
  afterAll(() => server?.dispose());

  it("fifty equal requests compute once", async () => {
    const before = await computations(api);
    const body = longWork(71);
    const answers = (await Promise.all(Array.from({ length: 50 }, () => api.compute(body)))).map(computed);
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(50);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.diagrams))).size).toBe(1);
    expect(await computations(api)).toBe(before + 1);
  });

  it("equal requests in other words compute once", async () => {
    const before = await computations(api);
    const body = longWork(72);
    const words = [JSON.stringify(body), JSON.stringify(body, null, 1), JSON.stringify({ ...body, threads: 1 })];
    const answers = await Promise.all(words.map(async (text) => computed(await api.compute(text))));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.diagrams))).size).toBe(1);
    expect(await computations(api)).toBe(before + 1);
  });

  it("fifty different requests give each its own answer", async () => {
    const sides = Array.from({ length: 50 }, (_, index) => index + 1);
    const answers = await Promise.all(
      sides.map((side) => api.compute({ points: unitSquare.map((point) => point.map((x) => x * side)) })),
    );
    answers.forEach((answer, index) => {
      const [, loops] = computed(answer).diagrams;
      expect(loops).toEqual([[sides[index], expect.closeTo(sides[index]! * Math.SQRT2, 9)]]);
    });
  });

  it("a client that leaves cancels the computation, and its engine is free again", async () => {
    const clients = [leaving(api, endlessWork(73)), leaving(api, endlessWork(74))];
    await running(api, 2);
    for (const client of clients) client.leave();
    await running(api, 0);
    // Both engine processes take new work.
    const next = await Promise.all([api.compute(longWork(75)), api.compute(longWork(76))]);
    for (const answer of next) computed(answer);
    for (const client of clients) expect(await client.left).toBeInstanceOf(Error);
  });

  it("a client that leaves does not cancel what another waits for", async () => {
    const before = await computations(api);
    const body = longWork(77);
    const first = leaving(api, body);
    await running(api, 1);
    const second = api.compute(body);
    first.leave();
    computed(await second);
    expect(await computations(api)).toBe(before + 1);
  });

  it("a client that leaves while it waits for its turn is forgotten", async () => {
    const clients = [leaving(api, endlessWork(78)), leaving(api, endlessWork(79)), leaving(api, endlessWork(80))];
    await running(api, 3);
    clients[2]!.leave();
    await running(api, 2);
    for (const client of clients) client.leave();
    await running(api, 0);
  });

  it("the server answers others while all engines work", async () => {
    const clients = [leaving(api, endlessWork(81)), leaving(api, endlessWork(82))];
    await running(api, 2);
    expect((await api.get("/health/ready")).status).toBe(200);
    refused(await api.compute({}), 422, "missing_input");
    for (const client of clients) client.leave();
    await running(api, 0);
  });

  it("kill -9 of an engine process ends or repeats its computation and no other", async () => {
    const requests = [longWork(83), longWork(84)].map((body) => api.compute(body));
    await running(api, 2);
    const [victim] = product.named("tda-engine-host");
    expect(victim).toBeDefined();
    signalQuietly(victim!.pid, "SIGKILL");
    const answers = await Promise.all(requests);
    const failed = answers.filter((answer) => answer.status !== 200);
    expect(failed.length).toBeLessThanOrEqual(1);
    for (const answer of failed) refused(answer, 500, "engine_failed");
    for (const answer of answers.filter((one) => one.status === 200)) computed(answer);
    const after = await Promise.all([longWork(85), longWork(86), longWork(83)].map((body) => api.compute(body)));
    for (const answer of after) computed(answer);
    await until("two engine processes again", () => product.named("tda-engine-host").length === 2);
  });

  it("kill -9 of every idle engine process goes unnoticed", async () => {
    for (const host of product.named("tda-engine-host")) signalQuietly(host.pid, "SIGKILL");
    const answers = await Promise.all([87, 88, 89].map((seed) => api.compute({ points: randomPoints(30, 2, seed) })));
    for (const answer of answers) computed(answer);
  });
});

describe.skipIf(externalUrl !== undefined)("a server with one engine and no room to wait", () => {
  let server: Target;
  let api: Api;

  beforeAll(async () => {
    server = await target({
      TDA_ENGINE_HOSTS: "1",
      TDA_MAX_QUEUED_COMPUTATIONS: "0",
      TDA_SYNC_LIMIT_SECONDS: "86400",
    });
    api = server.api;
  });
  afterAll(() => server?.dispose());

  it("says that it is busy, and when to come back", async () => {
    const first = leaving(api, endlessWork(90));
    await running(api, 1);
    const answer: Answer = await api.compute({ points: unitSquare });
    refused(answer, 503, "overloaded");
    expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
    first.leave();
    await running(api, 0);
    computed(await api.compute({ points: unitSquare }));
  });
});

describe.skipIf(externalUrl !== undefined)("a low synchronous limit", () => {
  it("makes a job of what is costly, with its estimate, and computes what is cheap", async () => {
    const server = await target({ TDA_SYNC_LIMIT_SECONDS: "0.05" });
    try {
      const { estimate } = await becameJob(server.api, await server.api.compute(endlessWork(91)));
      expect(estimate).toEqual({ seconds: expect.any(Number), bytes: expect.any(Number) });
      expect(estimate!.seconds).toBeGreaterThan(0.05);
      const answer: ComputeAnswer = computed(await server.api.compute({ points: unitSquare }));
      expect(answer.diagrams[1]).toHaveLength(1);
    } finally {
      await server.dispose();
    }
  });
});

describe.skipIf(externalUrl !== undefined)("an engine process that hangs", () => {
  it("is replaced when its client leaves", async () => {
    const server = await target({ TDA_ENGINE_HOSTS: "1", TDA_SYNC_LIMIT_SECONDS: "86400" });
    try {
      const client = leaving(server.api, endlessWork(94));
      await running(server.api, 1);
      const [host] = server.product!.named("tda-engine-host");
      signalQuietly(host!.pid, "SIGSTOP");
      client.leave();
      computed(await server.api.compute({ points: unitSquare }));
      await until("another engine process", () => {
        const hosts = server.product!.named("tda-engine-host");
        return hosts.length === 1 && hosts[0]!.pid !== host!.pid;
      });
    } finally {
      await server.dispose();
    }
  });
});

describe.skipIf(externalUrl !== undefined)("a computation that was estimated too low", () => {
  it("is given up, and its engine is free again", async () => {
    // Independent distances cost a hundred times what their number of simplices suggests.
    const server = await target({ TDA_SYNC_LIMIT_SECONDS: "0.1", TDA_ENGINE_HOSTS: "1" });
    try {
      refused(await server.api.compute(longWork(93)), 504, "computation_timeout");
      await running(server.api, 0);
      computed(await server.api.compute({ points: unitSquare }));
    } finally {
      await server.dispose();
    }
  });
});

describe.skipIf(externalUrl !== undefined)("the same call 1,000 times", () => {
  it("does not make the engine grow", async () => {
    const server = await target({ TDA_ENGINE_HOSTS: "1", FEATURE_ENABLE_CACHING: "false" });
    try {
      const body = JSON.stringify({ points: randomPoints(60, 3, 92), max_dimension: 2 });
      const engine = () => server.product!.named("tda-engine-host").map((host) => host.pid);
      const turn = async (count: number) => {
        for (let index = 0; index < count; index++) expect((await server.api.compute(body)).status).toBe(200);
      };
      await turn(200);
      const [pid] = engine();
      const before = residentBytes(pid!);
      await turn(1000);
      expect(engine()).toEqual([pid]);
      expect(residentBytes(pid!)).toBeLessThan(before + 8 * 1024 * 1024);
    } finally {
      await server.dispose();
    }
  });
});
