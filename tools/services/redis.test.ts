import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { FaultProxy, type Services, startServices } from "./services.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

async function start(valkey = false): Promise<Services<{ redis: object }>["redis"]> {
  const services = await startServices({ redis: { valkey } });
  toStop.push(services.stop);
  return services.redis;
}

/** Without retries: what fails is seen. */
function clientOf(url: string): Redis {
  const client = new Redis(url, {
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: true,
    commandTimeout: 2000,
  });
  client.on("error", () => undefined);
  toStop.push(() => client.disconnect());
  return client;
}

describe.each([
  ["Redis", false],
  ["Valkey, where there is no Redis", true],
])("%s", (_name, valkey) => {
  it("serves clients that know its password", async () => {
    const redis = await start(valkey);
    const client = clientOf(`${redis.url}/200`);
    expect(await client.set("a", "1")).toBe("OK");
    expect(await client.get("a")).toBe("1");
    expect(await client.eval("return redis.call('incr', KEYS[1])", 1, "n")).toBe(1);
    expect(await client.info("server")).toMatch(valkey ? /server_name:valkey/ : /redis_version/);
    await expect(clientOf(redis.url.replace(/:[0-9a-f]+@/, ":wrong@")).get("a")).rejects.toThrow();
  });

  it("has after kill -9 and a restart what was written, on the same port", async () => {
    const redis = await start(valkey);
    const { url } = redis;
    const writes = clientOf(url);
    await Promise.all(Array.from({ length: 1000 }, (_, n) => writes.set(`key ${n}`, n)));
    await redis.kill();
    await expect(clientOf(url).ping()).rejects.toThrow();
    await redis.restart();
    expect(redis.url).toBe(url);
    const reads = clientOf(url);
    expect(await reads.dbsize()).toBe(1000);
    expect(await reads.get("key 999")).toBe("999");
  });
});

it("answers nobody while it is frozen, and goes on after", async () => {
  const redis = await start();
  const client = clientOf(redis.url);
  await client.set("a", "1");
  await redis.freeze();
  await expect(client.get("a")).rejects.toThrow(/timed out/);
  await redis.resume();
  expect(await client.get("a")).toBe("1");
});

it("is cut from its clients by the proxy, and reached again", async () => {
  const redis = await start();
  const proxy = await FaultProxy.start(redis.url);
  toStop.push(() => proxy.stop());
  const client = clientOf(proxy.url(redis.url));
  await client.set("a", "1");
  const closed = new Promise((resolve) => client.once("close", resolve));
  proxy.cut();
  await closed;
  expect(await clientOf(proxy.url(redis.url)).get("a")).toBe("1");
});
