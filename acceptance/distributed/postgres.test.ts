import { FaultProxy } from "@tda-platform/services";
import { afterEach, expect, it } from "vitest";
import { backendsOf, isDistributed } from "../support/backends.ts";
import { Api } from "../support/http.ts";
import { randomPoints, unitSquare } from "../support/inputs.ts";
import { until } from "../support/poll.ts";
import { signalQuietly } from "../support/processes.ts";
import { newFolder, Product, type Start } from "../support/product.ts";
import { computed, refused } from "../support/shapes.ts";

const authenticated = { FEATURE_ENABLE_AUTHENTICATION: "true" };
const toEnd: (() => Promise<void>)[] = [];

async function launch(options: Start): Promise<Product> {
  const product = await Product.launch(options);
  toEnd.push(() => product.dispose());
  return product;
}

async function start(options: Start): Promise<Product> {
  return (await launch(options)).settled();
}

afterEach(async () => {
  for (const end of toEnd.splice(0)) await end();
});

it("the server uses the database that it is told, and starts none", async () => {
  expect(isDistributed).toBe(true);
  const product = await start({});
  expect(product.named("postgres")).toEqual([]);
  computed(await product.api.compute({ points: unitSquare }));
});

it("a key of one server is good on another of the same database, and outlives the first one's kill -9", async () => {
  const first = await start({ env: authenticated });
  // The key is made once per database: the second start has none to show.
  const second = await launch({ env: { ...authenticated, ...(await backendsOf(first.dataDir)) } });
  await second.ready();
  const onSecond = new Api(second.url, first.apiKey);
  computed(await onSecond.compute({ points: unitSquare }));
  for (const { pid } of first.tree()) signalQuietly(pid, "SIGKILL");
  await first.ended;
  computed(await onSecond.compute({ points: randomPoints(10, 2, 5) }));
});

it("with the database gone, requests are answered 503 and readiness is red; when it is back, all is well without a restart", async () => {
  const dataDir = newFolder();
  const { DATABASE_URL, TDA_DATABASE_OWNER_URL } = await backendsOf(dataDir);
  const proxy = await FaultProxy.start(DATABASE_URL!);
  toEnd.push(() => proxy.stop());
  const urls = {
    DATABASE_URL: proxy.url(DATABASE_URL!),
    TDA_DATABASE_OWNER_URL: proxy.url(TDA_DATABASE_OWNER_URL!),
  };
  const product = await start({ dataDir, env: { ...authenticated, ...urls } });
  const { serverPid } = product;
  const key = product.apiKey;
  computed(await new Api(product.url, key).compute({ points: unitSquare }));

  await proxy.refuse();
  await until("readiness to go", async () => (await product.api.get("/health/ready")).status === 503);
  // A key that the server has not seen yet: whose it is, only the database knows.
  const stranger = await new Api(product.url, `${key.slice(0, -4)}0000`).compute({ points: unitSquare });
  refused(stranger, 503, /./);
  expect(stranger.headers["retry-after"]).toMatch(/^\d+$/);

  await proxy.resume();
  await until("readiness to come back", async () => (await product.api.get("/health/ready")).status === 200);
  await until("an answer", async () => {
    const answer = await new Api(product.url, key).compute({ points: randomPoints(10, 2, 6) });
    return answer.status === 200 && computed(answer);
  });
  expect(product.serverPid).toBe(serverPid);
});
