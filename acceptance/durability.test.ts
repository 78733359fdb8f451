import { afterEach, describe, expect, it } from "vitest";
import { Api } from "./support/http.ts";
import { endlessWork, randomPoints, unitSquare } from "./support/inputs.ts";
import { computing } from "./support/metrics.ts";
import { until } from "./support/poll.ts";
import { signalQuietly, survivors } from "./support/processes.ts";
import { externalUrl, newFolder, Product } from "./support/product.ts";
import { computed } from "./support/shapes.ts";

const env = { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_SYNC_LIMIT_SECONDS: "86400" };
const products: Product[] = [];

async function start(dataDir: string): Promise<Product> {
  const product = await Product.launch({ env, dataDir });
  products.push(product);
  return product.settled();
}

/** Kills without a chance to clean up, and waits until the listener is gone. */
async function killAndWait(product: Product, pids: readonly number[]): Promise<void> {
  product.tree();
  for (const pid of pids) signalQuietly(pid, "SIGKILL");
  await product.ended;
}

afterEach(async () => {
  for (const product of products.splice(0)) await product.dispose();
});

describe.skipIf(externalUrl !== undefined)("kill -9", () => {
  it("of every process: the same key works after the next start", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    const key = first.apiKey;
    computed(await new Api(first.url, key).compute({ points: unitSquare }));
    const tree = first.tree();
    await killAndWait(
      first,
      tree.map((entry) => entry.pid),
    );
    await until("all of them to be gone", () => survivors(tree).length === 0);

    const second = await start(dataDir);
    expect(second.apiKey).toBe(key);
    computed(await new Api(second.url, key).compute({ points: unitSquare }));
    expect((await second.stop()).code).toBe(0);
  });

  it("of the server alone, in the middle of a computation: its engines end, its database is found again", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    const key = first.apiKey;
    const cut = new Api(first.url, key).compute(endlessWork(111)).catch(() => "cut");
    await computing(first.api);
    const engines = first.named("tda-engine-host");
    expect(engines.length).toBeGreaterThan(0);
    await killAndWait(first, [first.serverPid]);
    expect(await cut).toBe("cut");
    await until("the engines to follow their parent", () => survivors(engines).length === 0);

    const second = await start(dataDir);
    expect(second.apiKey).toBe(key);
    computed(await new Api(second.url, key).compute({ points: unitSquare }));
    expect((await second.stop()).code).toBe(0);
    await until("nothing of the first start to be left", () => first.leftovers().length === 0);
  });

  it("three times in a row: the folder still starts", async () => {
    const dataDir = newFolder();
    let key: string | undefined;
    for (let turn = 0; turn < 3; turn++) {
      const product = await start(dataDir);
      key ??= product.apiKey;
      expect(product.apiKey).toBe(key);
      computed(await new Api(product.url, key).compute({ points: randomPoints(10, 2, 112 + turn) }));
      await killAndWait(product, [product.serverPid]);
    }
    const last = await start(dataDir);
    computed(await new Api(last.url, key!).compute({ points: unitSquare }));
  });
});
