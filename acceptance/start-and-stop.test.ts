import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { isDistributed } from "./support/backends.ts";
import { Api } from "./support/http.ts";
import { endlessWork, longWork, unitSquare } from "./support/inputs.ts";
import { computing } from "./support/metrics.ts";
import { until } from "./support/poll.ts";
import { signalQuietly } from "./support/processes.ts";
import { externalUrl, newFolder, Product, type Start } from "./support/product.ts";
import { refusedStart } from "./support/refused-start.ts";
import { computed } from "./support/shapes.ts";

const products: Product[] = [];

async function launch(start: Start = {}): Promise<Product> {
  const product = await Product.launch(start);
  products.push(product);
  return product;
}

afterEach(async () => {
  for (const product of products.splice(0)) await product.dispose();
});

describe.skipIf(externalUrl !== undefined)("a start that cannot be right", () => {
  const wrong: [string, Record<string, string>, RegExp][] = [
    ["an unknown TDA_ name", { TDA_DATADIR: "/tmp/x" }, /TDA_DATADIR/],
    ["a port that is no number", { API_PORT: "eighty" }, /API_PORT/],
    ["a port out of range", { API_PORT: "65536" }, /API_PORT/],
    ["a flag that is neither", { FEATURE_ENABLE_CACHING: "perhaps" }, /FEATURE_ENABLE_CACHING/],
    ["another algorithm of tokens", { JWT_ALGORITHM: "HS256" }, /JWT_ALGORITHM/],
    ["a key that is none", { JWT_SECRET_KEY: "secret" }, /JWT_SECRET_KEY/],
    ["a limit below its least", { TDA_BODY_LIMIT_BYTES: "1" }, /TDA_BODY_LIMIT_BYTES/],
    ["a dimension above the engine's", { TDA_MAX_DIMENSION: "99" }, /TDA_MAX_DIMENSION/],
    ["an unknown log level", { TDA_LOG_LEVEL: "loud" }, /TDA_LOG_LEVEL/],
    ["no authentication for the network", { API_HOST: "0.0.0.0" }, /FEATURE_ENABLE_AUTHENTICATION|API_HOST/],
    [
      "the small engine in production",
      { FEATURE_MOCK_CPP_ENGINE: "true", NODE_ENV: "production" },
      /FEATURE_MOCK_CPP_ENGINE/,
    ],
    [
      "a database that is not there",
      { DATABASE_URL: "postgresql://tda:secret@127.0.0.1:1/tda" },
      /DATABASE_URL|database/i,
    ],
    ["a database of another kind", { DATABASE_URL: "mysql://127.0.0.1/tda" }, /DATABASE_URL/],
    [
      "an engine that is not there",
      { TDA_ENGINE_HOST_EXECUTABLE: "/nonexistent/engine" },
      /TDA_ENGINE_HOST_EXECUTABLE|engine/i,
    ],
  ];
  it.each(wrong)("%s", async (_name, env, mention) => {
    await refusedStart(env, mention);
  });

  it("never prints a password", async () => {
    const product = await launch({ env: { DATABASE_URL: "postgresql://tda:hunter2@127.0.0.1:1/tda" } });
    expect((await product.ended).output).not.toContain("hunter2");
  });

  it("a port in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await refusedStart({ API_PORT: String(port) }, new RegExp(String(port)));
    } finally {
      other.close();
    }
  });
});

describe.skipIf(externalUrl !== undefined)("a start that is right", () => {
  it("takes a free port for port 0 and says where it listens", async () => {
    const product = await launch({ env: { API_PORT: "0" } });
    const url = await until("the address", () => /http:\/\/127\.0\.0\.1:(\d+)/.exec(product.output)?.[0], 170_000);
    const api = new Api(url);
    await until("the server to be ready", async () => (await api.get("/health/ready")).status === 200, 60_000);
    computed(await api.compute({ points: unitSquare }));
    expect((await product.stop()).code).toBe(0);
  });

  it("shows the bundled example and what to try next, once", async () => {
    const product = await (await launch({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } })).settled();
    expect(product.output.match(/npx --no-install tda/g)!.length).toBeGreaterThanOrEqual(2);
    expect(product.output).toMatch(/H1/);
    expect(product.output).toMatch(/curl/);
    expect((await product.stop()).code).toBe(0);
    const second = await (
      await launch({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" }, dataDir: product.dataDir })
    ).settled();
    expect((await second.stop()).code).toBe(0);
    expect(second.output.length).toBeLessThan(product.output.length);
  });

  it("starts from a .env-like file of settings", async () => {
    const file = `${newFolder()}/tda.env`;
    writeFileSync(file, "TDA_MAX_DIMENSION=12\n");
    const product = await (await launch({ env: { TDA_CONFIG_FILE: file } })).settled();
    const { limits } = (await product.api.get("/v1/limits")).json<{ limits: { name: string; value: number }[] }>();
    expect(limits.find((limit) => limit.name === "max_dimension")?.value).toBe(12);
  });
});

describe.skipIf(externalUrl !== undefined)("the end", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s to the whole group, and again, ends with 0 and leaves no process",
    async (signal) => {
      const product = await (await launch()).settled();
      expect(product.named("tda-engine-host").length).toBeGreaterThan(0);
      expect(product.named("postgres").length > 0).toBe(!isDistributed);
      product.signalGroup(signal);
      product.signalGroup(signal);
      const ending = await product.stop(signal);
      expect(ending.code, ending.output).toBe(0);
      expect(product.leftovers()).toEqual([]);
    },
  );

  it.each(["the whole group", "the server alone"])(
    "SIGTERM to %s as soon as readiness is seen is no interrupted start",
    async (whom) => {
      const dataDir = newFolder();
      for (let turn = 0; turn < 3; turn++) {
        const product = await launch({ dataDir });
        // Without a pause between the questions: the first answer of 200 comes before the start says that it is done.
        let isReady = false;
        for (const end = Date.now() + 170_000; !isReady && Date.now() < end; ) {
          isReady = await product.api.get("/health/ready").then(
            ({ status }) => status === 200,
            () => false,
          );
        }
        expect(isReady, product.output).toBe(true);
        if (whom === "the whole group") product.signalGroup("SIGTERM");
        else signalQuietly(product.serverPid, "SIGTERM");
        const ending = await product.ended;
        expect(ending.code, ending.output).toBe(0);
        expect(ending.output).not.toMatch(/interrupted/);
        await until("no process to be left", () => product.leftovers().length === 0);
      }
    },
  );

  it("SIGTERM to npm alone ends everything", async () => {
    const product = await (await launch()).settled();
    product.tree();
    signalQuietly(product.child.pid!, "SIGTERM");
    await product.ended;
    await until("no process to be left", () => product.leftovers().length === 0);
  });

  it("SIGTERM to the server alone ends everything with 0", async () => {
    const product = await (await launch()).settled();
    product.tree();
    signalQuietly(product.serverPid, "SIGTERM");
    expect((await product.ended).code).toBe(0);
    await until("no process to be left", () => product.leftovers().length === 0);
  });

  it("a computation in progress is finished before the end", async () => {
    const product = await (await launch({ env: { TDA_SYNC_LIMIT_SECONDS: "86400" } })).settled();
    const answer = product.api.compute(longWork(101));
    await computing(product.api);
    const ending = product.stop();
    computed(await answer);
    expect((await ending).code).toBe(0);
  });

  it("a computation that takes too long is given up at the time limit", async () => {
    const env = { TDA_SYNC_LIMIT_SECONDS: "86400", TDA_SHUTDOWN_TIMEOUT_MS: "500" };
    const product = await (await launch({ env })).settled();
    const answer = product.api.compute(endlessWork(102)).then(
      ({ status }) => status,
      () => "connection closed",
    );
    await computing(product.api);
    expect((await product.stop()).code).toBe(0);
    expect([503, "connection closed"]).toContain(await answer);
  });

  it("new requests are refused while it ends", async () => {
    const product = await (await launch({ env: { TDA_SYNC_LIMIT_SECONDS: "86400" } })).settled();
    const answer = product.api.compute(longWork(103));
    await computing(product.api);
    const ending = product.stop();
    const seen = await until("readiness to go", () =>
      product.api.get("/health/ready").then(
        ({ status }) => status === 503 && "not ready",
        () => "closed",
      ),
    );
    expect(["not ready", "closed"]).toContain(seen);
    computed(await answer);
    expect((await ending).code).toBe(0);
  });
});
