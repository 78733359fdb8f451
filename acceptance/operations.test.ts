import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { randomPoints, unitSquare } from "./support/inputs.ts";
import { computations, metrics, parseMetrics, total } from "./support/metrics.ts";
import { until } from "./support/poll.ts";
import { externalUrl, type Target, target } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

describe("health", () => {
  it("is live and ready", async () => {
    for (const path of ["/health/live", "/health/ready"]) {
      const answer = await api.get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers["content-type"]).toMatch(/^application\/json/);
      expect(answer.headers["cache-control"]).toMatch(/no-store|no-cache/);
    }
  });

  it("names each dependency with its status, latency and circuit", async () => {
    const answer = await api.get("/health/dependencies");
    expect(answer.status).toBe(200);
    const { dependencies } = answer.json<{ dependencies: Record<string, unknown>[] }>();
    expect(dependencies.map((one) => one.name)).toEqual(expect.arrayContaining(["database", "engine"]));
    for (const one of dependencies) {
      expect(one).toMatchObject({ status: "up", circuit: "closed" });
      expect(one).toHaveProperty("latency_ms");
    }
  });
});

describe("metrics", () => {
  it("count requests by method, endpoint and status", async () => {
    const name = "tda_api_requests_total";
    const labels = { method: "POST", endpoint: "/v1/compute/vietoris-rips" };
    const before = await Promise.all(["200", "422"].map((status) => total(api, name, { ...labels, status })));
    await api.compute({ points: unitSquare });
    await api.compute({ points: unitSquare });
    await api.compute({});
    await until("the counters to move", async () => {
      const now = await Promise.all(["200", "422"].map((status) => total(api, name, { ...labels, status })));
      return now[0] === before[0]! + 2 && now[1] === before[1]! + 1;
    });
    const samples = (await metrics(api)).filter((sample) => sample.name === name);
    for (const sample of samples) expect(Object.keys(sample.labels).sort()).toEqual(["endpoint", "method", "status"]);
  });

  it("time computations by algorithm and dimension, cached answers not among them", async () => {
    const before = await computations(api);
    const points = randomPoints(20, 2, 51);
    for (let turn = 0; turn < 3; turn++) computed(await api.compute({ points, max_dimension: 2 }));
    expect(await computations(api)).toBe(before + 1);
    const samples = (await metrics(api)).filter((sample) => sample.name === "tda_computation_duration_seconds_count");
    expect(samples.map((sample) => sample.labels)).toContainEqual({ algorithm: "vietoris-rips", dimension: "2" });
  });

  it("time requests in a histogram", async () => {
    const names = new Set((await metrics(api)).map((sample) => sample.name));
    expect([...names].some((name) => /^tda_.*request.*_seconds_bucket$/.test(name))).toBe(true);
  });

  it("are in the text format, with a type for each family", async () => {
    const answer = await api.get("/metrics");
    expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
    const typed = new Set([...answer.text().matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]!));
    for (const { name } of parseMetrics(answer.text())) {
      expect(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, "")), name).toBe(true);
    }
  });

  it("do not grow with what clients make up", async () => {
    const made = ["/made-up-1", "/made-up-2/x", "/v1/streams/made-up-3", "/health/live?made-up=4"];
    for (const path of made) await api.get(path);
    await api.call("/made-up-5", { method: "PROPFIND" });
    await api.get("/health/live", { "X-Request-Id": "made-up-6" });
    expect((await api.get("/metrics")).text()).not.toContain("made-up");
  });
});

describe("the description of the API", () => {
  interface Document {
    readonly openapi: string;
    readonly paths: Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>;
  }

  it("is OpenAPI 3.1 and has every path", async () => {
    const answer = await api.get("/openapi.json");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    const document = answer.json<Document>();
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/v1/compute/vietoris-rips",
        "/compute/vietoris-rips",
        "/v1/compute/estimate",
        "/health/live",
        "/health/ready",
        "/health/dependencies",
        "/metrics",
        "/openapi.json",
        "/v1/version",
        "/v1/limits",
      ]),
    );
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has no reference that leads nowhere", async () => {
    const answer = await api.get("/openapi.json");
    const document = answer.json();
    for (const [, pointer] of answer.text().matchAll(/"\$ref":"#([^"]+)"/g)) {
      const found = pointer!
        .split("/")
        .slice(1)
        .reduce<unknown>(
          (node, key) => (node as Record<string, unknown> | undefined)?.[key.replaceAll("~1", "/")],
          document,
        );
      expect(found, pointer).toBeDefined();
    }
  });

  it("describes only what is there", async () => {
    const { paths } = (await api.get("/openapi.json")).json<Document>();
    const methods = ["PUT", "DELETE", "PATCH", "POST", "GET"];
    for (const [path, operations] of Object.entries(paths)) {
      const described = methods.filter((method) => method.toLowerCase() in operations);
      // By a method that is not there: what is, the answer names, whoever may call it and whether its object exists.
      const answer = await api.call(path, { method: methods.find((method) => !described.includes(method))! });
      expect(answer.status, path).toBe(405);
      expect(String(answer.headers.allow).split(/, */), path).toEqual(expect.arrayContaining(described));
    }
  });

  it("has a page for people, which loads nothing from elsewhere", async () => {
    let answer = await api.get("/docs");
    if (answer.status === 301 || answer.status === 302 || answer.status === 308) {
      answer = await api.get(new URL(answer.headers.location!, `${api.url}/docs`).pathname);
    }
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toMatch(/^text\/html/);
    expect(answer.text()).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?\/\//i);
    const scripts = [...answer.text().matchAll(/<script[^>]+src=["']?([^"'\s>]+)/gi)].map((match) => match[1]!);
    for (const script of scripts) {
      const { pathname } = new URL(script, `${api.url}/docs`);
      expect((await api.get(pathname)).status, pathname).toBe(200);
    }
  });
});

describe("versions and limits", () => {
  it("names the engine that answers", async () => {
    const version = (await api.get("/v1/version")).json<Record<string, string>>();
    const { provenance } = computed(await api.compute({ points: unitSquare }));
    expect(version).toMatchObject({ engine: provenance.engine, engine_version: provenance.engine_version });
  });

  it("tells limits that hold", async () => {
    const { limits } = (await api.get("/v1/limits")).json<{ limits: { name: string; value: number }[] }>();
    const limit = Object.fromEntries(limits.map(({ name, value }) => [name, value]));
    expect(limit.max_dimension).toBeGreaterThanOrEqual(10);
    computed(await api.compute({ points: [[0], [1]], max_dimension: limit.max_dimension }));
    const beyond = await api.compute({ points: [[0], [1]], max_dimension: limit.max_dimension! + 1 });
    refused(beyond, 422, "dimension_limit_exceeded", "/max_dimension");
    expect(limit.compression_ratio).toBe(100);
    const nested = (depth: number) => `{"points": ${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    refused(await api.compute(nested(limit.json_depth! + 1)), 400, "json_too_deep");
    expect((await api.compute(nested(limit.json_depth!))).status).toBe(422);
  });
});

describe("headers of every answer", () => {
  it("keep browsers from guessing", async () => {
    for (const path of ["/health/live", "/v1/version", "/v1/nothing", "/docs"]) {
      expect((await api.get(path)).headers["x-content-type-options"], path).toBe("nosniff");
    }
  });

  it("do not name the software", async () => {
    expect((await api.get("/health/live")).headers).not.toHaveProperty("x-powered-by");
  });
});

describe.skipIf(externalUrl !== undefined)("switched off", () => {
  it("serves no metrics and no cache where they are off", async () => {
    const other = await target({ FEATURE_ENABLE_METRICS: "false", FEATURE_ENABLE_CACHING: "false" });
    try {
      refused(await other.api.get("/metrics"), 404, "not_found");
      for (let turn = 0; turn < 3; turn++) {
        expect(computed(await other.api.compute({ points: unitSquare })) && true).toBe(true);
        const answer = await other.api.compute({ points: unitSquare });
        expect(answer.headers["cache-status"]).not.toContain("hit");
      }
      expect((await other.api.get("/openapi.json")).json<Document>().paths).not.toHaveProperty("/metrics");
    } finally {
      await other.dispose();
    }
  });
});

interface Document {
  readonly paths: Record<string, unknown>;
}
