import { randomBytes, randomUUID } from "node:crypto";
import { type RedisServer, startServices } from "@tda-platform/services";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../test/support/test-bed.ts";
import { SharedFlight } from "../../domain/compute/shared-flight.ts";
import { RateLimiter } from "../../domain/limits/rate-limiter.ts";
import { Keyring } from "../../domain/storage/keyring.ts";
import { valueSealer } from "../../domain/storage/value-sealer.ts";
import { createLogger } from "../../internal/logger.ts";
import { MemoryCache } from "../cache/memory-cache.ts";
import { RedisCache } from "./redis-cache.ts";
import { RedisConnection } from "./redis-connection.ts";
import { RedisLeases } from "./redis-leases.ts";
import { redisProbe } from "./redis-probe.ts";
import { RedisRates } from "./redis-rates.ts";

const silent = createLogger({ level: "silent", format: "json" });
const project = "prj_a";
const sealer = valueSealer(new Keyring([{ id: "test", secret: randomBytes(32) }]));

let services: Awaited<ReturnType<typeof startServices<{ redis: true }>>>;
let server: RedisServer;
let admin: Redis;
const connections: RedisConnection[] = [];
beforeAll(async () => {
  services = await startServices({ redis: true });
  server = services.redis;
  admin = new Redis(server.url, { replyMapping: "legacy" });
  admin.on("error", () => undefined);
});
afterEach(async () => {
  for (const one of connections.splice(0)) await one.close();
});
afterAll(async () => {
  admin.disconnect();
  await services.stop();
});

/** With more time for a command than a server gives: this machine may be busy with other tests. */
async function connect(): Promise<RedisConnection> {
  const connection = await RedisConnection.open(server.url, silent, 2_000);
  connections.push(connection);
  return connection;
}

/** What one instance has. */
async function instance(more: { readonly valueLimitBytes?: number; readonly timeToLiveSeconds?: number } = {}) {
  const redis = await connect();
  const front = new MemoryCache(1e7);
  const counts: string[] = [];
  const cache = new RedisCache({
    redis,
    front,
    sealer,
    timeToLiveSeconds: 60,
    valueLimitBytes: 10_000,
    logger: silent,
    count: (operation, outcome) => counts.push(`${operation} ${outcome}`),
    ...more,
  });
  return { redis, front, cache, counts };
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (value: Uint8Array | undefined) => (value === undefined ? undefined : Buffer.from(value).toString());

describe("the shared cache", () => {
  it("what one instance keeps, another finds, and then has it itself", async () => {
    const [a, b] = [await instance(), await instance()];
    const key = randomUUID();
    await a.cache.set(project, key, bytes("result"));
    expect(textOf(await b.cache.get(project, key))).toBe("result");
    const again = b.cache.get(project, key);
    expect(again).not.toBeInstanceOf(Promise);
    expect(b.counts).toEqual(["get hit"]);
    expect(await b.cache.get("prj_b", key)).toBeUndefined();
  });

  it("values are sealed: Redis has no plain text, and one that was changed or moved is not read", async () => {
    const [a, b] = [await instance(), await instance()];
    const [key, moved, changed] = [randomUUID(), randomUUID(), randomUUID()];
    await a.cache.set(project, key, bytes("a secret result"));
    const name = `tda:cache:${project}:${key}`;
    const stored = (await admin.getBuffer(name))!;
    expect(stored.includes("secret")).toBe(false);
    await admin.set(`tda:cache:${project}:${moved}`, stored);
    await admin.set(`tda:cache:prj_b:${key}`, stored);
    stored[stored.length - 20]! ^= 1;
    await admin.set(`tda:cache:${project}:${changed}`, stored);
    expect([
      await b.cache.get(project, moved),
      await b.cache.get("prj_b", key),
      await b.cache.get(project, changed),
    ]).toEqual([undefined, undefined, undefined]);
    expect(b.counts).toEqual(["get refused", "get refused", "get refused"]);
  });

  it("entries expire, and large ones stay at home", async () => {
    const a = await instance({ timeToLiveSeconds: 100 });
    const [small, large] = [randomUUID(), randomUUID()];
    await a.cache.set(project, small, bytes("x"));
    await a.cache.set(project, large, new Uint8Array(10_001));
    const life = await admin.ttl(`tda:cache:${project}:${small}`);
    expect(life).toBeGreaterThan(90);
    expect(life).toBeLessThanOrEqual(100);
    expect(await admin.exists(`tda:cache:${project}:${large}`)).toBe(0);
    expect((await a.cache.get(project, large))?.length).toBe(10_001);
  });

  it("an entry, or all of a project, is invalidated on all instances", async () => {
    const [a, b] = [await instance(), await instance()];
    const keys = Array.from({ length: 20 }, () => randomUUID());
    for (const key of keys) await a.cache.set(project, key, bytes(key));
    await a.cache.set("prj_b", "other", bytes("stays"));
    for (const key of keys) expect(textOf(await b.cache.get(project, key))).toBe(key);
    await a.cache.invalidate(project, keys[0]);
    await until(async () => (await b.cache.get(project, keys[0]!)) === undefined);
    expect(textOf(await b.cache.get(project, keys[1]!))).toBe(keys[1]);
    await a.cache.invalidate(project);
    await until(() => b.front.get(project, keys[1]!) === undefined);
    for (const key of keys)
      expect([await a.cache.get(project, key), await b.cache.get(project, key)]).toEqual([undefined, undefined]);
    expect(textOf(await b.cache.get("prj_b", "other"))).toBe("stays");
  });
});

describe("equal computations of several instances", () => {
  it("run once: the others wait for the result", async () => {
    let computed = 0;
    const instances = await Promise.all(Array.from({ length: 4 }, () => instance()));
    const key = randomUUID();
    const { signal } = new AbortController();
    const results = await Promise.all(
      instances.map(({ redis, cache }) =>
        new SharedFlight<string>(new RedisLeases(redis)).run(
          key,
          signal,
          async () => textOf(await cache.get(project, key)),
          async () => {
            computed++;
            await new Promise((resolve) => setTimeout(resolve, 300));
            await cache.set(project, key, bytes("done"));
            return "done";
          },
        ),
      ),
    );
    expect([computed, results]).toEqual([1, Array(4).fill("done")]);
    expect(await admin.exists(`tda:flight:${key}`)).toBe(0);
  });

  it("whose holder dies is computed by another, soon", async () => {
    const { redis } = await instance();
    const leases = new RedisLeases(redis);
    const key = randomUUID();
    expect(await leases.take(key, "of a process that is gone", 500)).toBe(true);
    const { signal } = new AbortController();
    const result = await new SharedFlight<string>(leases).run(
      key,
      signal,
      () => undefined,
      async () => "mine",
    );
    expect(result).toBe("mine");
  });

  it("that failed is tried by those who waited, and an expired lease is not removed by its holder", async () => {
    const { redis } = await instance();
    const leases = new RedisLeases(redis);
    const key = randomUUID();
    const flight = new SharedFlight<string>(leases);
    const { signal } = new AbortController();
    const failing = flight.run(
      key,
      signal,
      () => undefined,
      () => Promise.reject(new Error("no")),
    );
    await expect(failing).rejects.toThrow("no");
    expect(await leases.take(key, "second", 60_000)).toBe(true);
    await leases.release(key, "first");
    expect(await leases.take(key, "third", 1)).toBe(false);
    await leases.release(key, "second");
  });
});

describe("rate limits", () => {
  it("are counted together", async () => {
    const key = randomUUID();
    const limiters = await Promise.all(
      [1, 2, 3].map(
        async () => new RateLimiter({ perSecond: 0.01, burst: 10 }, new RedisRates(await connect(), "test"), () => 3),
      ),
    );
    const decisions = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => await limiters[i % 3]!.take(key, performance.now())),
    );
    expect(decisions.filter(({ isAllowed }) => isAllowed).length).toBe(10);
    const refused = decisions.find(({ isAllowed }) => !isAllowed)!;
    expect(refused.retryAfterMs).toBeGreaterThan(50_000);
  });
});

describe.each([
  ["killed", () => server.kill(), () => server.restart()],
  ["frozen", () => server.freeze(), () => server.resume()],
])("Redis %s", (_how, fail, recover) => {
  it("nothing waits for it, nothing fails, and all is as before when it is back", async () => {
    const { redis, cache } = await instance();
    const leases = new RedisLeases(redis);
    const probe = redisProbe(redis, cache);
    const limiter = new RateLimiter({ perSecond: 0.01, burst: 8 }, new RedisRates(redis, "test"), () => 4);
    const key = randomUUID();
    await cache.set(project, key, bytes("kept"));
    expect((await probe.check()).status).toBe("up");
    await fail();
    await until(() => redis.state === "open");
    expect(await probe.check()).toMatchObject({ name: "cache", kind: "redis", status: "degraded", circuit: "open" });
    // Refused at once: no promise is even made for what is not there.
    expect(cache.get(project, "unknown")).toBeUndefined();
    await cache.set(project, "own", bytes("own"));
    expect(textOf(await cache.get(project, "own"))).toBe("own");
    expect(await leases.take("key", "token", 1000)).toBeNull();
    const mine = Array.from({ length: 4 }, () => limiter.take("caller", performance.now()));
    expect((await Promise.all(mine)).filter(({ isAllowed }) => isAllowed).length).toBe(2);
    await expect(cache.invalidate(project)).rejects.toThrow();
    await recover();
    await until(() => redis.state === "closed");
    await until(async () => (await probe.check()).status === "up");
    expect(await leases.take(randomUUID(), "token", 1000)).toBe(true);
    const other = await instance();
    await until(async () => {
      await cache.set(project, key, bytes("new"));
      return textOf(await other.cache.get(project, key)) === "new";
    });
  });
});

it("a server starts without Redis, and uses it once it is there", async () => {
  await server.kill();
  const { redis, cache } = await instance();
  await cache.set(project, "early", bytes("early"));
  expect(textOf(await cache.get(project, "early"))).toBe("early");
  await server.restart();
  await until(() => redis.state === "closed" && redis.latencyMs !== null);
  const key = randomUUID();
  await until(async () => {
    await cache.set(project, key, bytes("shared"));
    return (await admin.exists(`tda:cache:${project}:${key}`).catch(() => 0)) === 1;
  });
});
