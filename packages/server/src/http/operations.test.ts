import { createHash } from "node:crypto";
import { RIPS_REQUEST_SCHEMA } from "@tda-platform/contract/compute-input";
import { LIMIT_NAMES } from "@tda-platform/contract/limits";
import { openApiDocument } from "@tda-platform/contract/openapi";
import { PROBLEM_CODES } from "@tda-platform/contract/problems";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "../../test/support/test-bed.ts";
import type { DependencyProbe, DependencyStatus } from "../domain/ports.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const probe = (
  status: DependencyStatus["status"],
  required: boolean,
  check?: DependencyProbe["check"],
): DependencyProbe => ({
  name: "engine",
  required,
  check: check ?? (async () => ({ name: "engine", status, latencyMs: 1, kind: "native", detail: null })),
});

describe("health", () => {
  it("is ready with what is needed, also when something else is down", async () => {
    const server = await bed.server({
      probes: [probe("up", true), probe("down", false)],
      warnings: async () => ["Rotate the key."],
    });
    const ready = await server.get("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", warnings: ["Rotate the key."] }]);
    expect(await (await server.get("/health/dependencies")).json()).toMatchObject({
      status: "degraded",
      dependencies: [
        { name: "engine", status: "up", required: true, circuit: "closed", latency_ms: 1 },
        { status: "down", required: false, circuit: "open" },
      ],
    });
  });

  it("is not ready without it, and says which", async () => {
    const failing = probe("up", true, () => Promise.reject(new Error("password=secret")));
    const server = await bed.server({ probes: [failing] });
    const answer = await server.get("/health/ready");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: "not_ready", dependencies: [{ name: "engine", status: "down" }] });
    expect(text).not.toContain("secret");
    expect((await server.get("/health/live")).status).toBe(200);
    expect((await server.get("/health/dependencies")).status).toBe(200);
  });

  it("does not hang with a dependency that hangs", async () => {
    const server = await bed.server({ probes: [probe("up", true, () => new Promise(() => undefined))] });
    expect((await server.get("/health/ready")).status).toBe(503);
  });

  it("is that of the real database", async () => {
    const server = await bed.server();
    const { dependencies } = (await (await server.get("/health/dependencies")).json()) as { dependencies: unknown[] };
    expect(dependencies).toEqual([expect.objectContaining({ name: "database", status: "up", kind: "embedded" })]);
  });
});

describe("metrics", () => {
  it("have the names of the seed, by route and not by URL", async () => {
    const server = await bed.server();
    await server.post({ points: [[0], [1]], max_dimension: 2 });
    for (const path of ["/made-up-1", "/v1/made-up-2?x=made-up-3"]) await server.get(path);
    const answer = await server.get("/metrics");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    const text = await answer.text();
    expect(text).toContain('tda_api_requests_total{method="POST",endpoint="/v1/compute/vietoris-rips",status="200"} 1');
    expect(text).toContain('tda_computation_duration_seconds_count{algorithm="vietoris-rips",dimension="2"} 1');
    expect(text).toMatch(/^tda_api_request_duration_seconds_bucket\{le="0\.005",method="POST"/m);
    expect(text).toMatch(/^tda_cache_bytes \d+$/m);
    expect(text).not.toContain("made-up");
  });

  it("can be switched off", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_METRICS: "false" } });
    expect((await server.get("/metrics")).status).toBe(404);
    const document = (await (await server.get("/openapi.json")).json()) as { paths: object };
    expect(document.paths).not.toHaveProperty("/metrics");
  });
});

describe("versions, limits and the way in", () => {
  it("tell what runs and every limit with its present value", async () => {
    const server = await bed.server({ env: { TDA_MAX_POINTS: "17" } });
    expect(await (await server.get("/v1/version")).json()).toMatchObject({ version: "1.2.3", engine: "typescript" });
    const { limits } = (await (await server.get("/v1/limits")).json()) as {
      limits: { name: string; value: number; setting: string }[];
    };
    expect(limits.map(({ name }) => name)).toEqual(LIMIT_NAMES);
    expect(limits.find(({ name }) => name === "points")).toMatchObject({ value: 17, setting: "TDA_MAX_POINTS" });
    for (const { name, value } of limits) expect(value, name).toBeGreaterThanOrEqual(0);
    const tooMany = await server.post({ points: Array.from({ length: 18 }, (_, i) => [i]) });
    expect(await tooMany.json()).toMatchObject({ code: "point_limit_exceeded", errors: [{ pointer: "/points" }] });
    expect(await (await server.get("/")).json()).toMatchObject({ documentation: "/docs", openapi: "/openapi.json" });
  });

  it("take no parameters", async () => {
    const server = await bed.server();
    for (const path of ["/v1/version?x=1", "/v1/limits?a%2Fb=1"]) {
      const answer = await server.get(path);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ code: "unknown_field" });
    }
  });
});

describe("documentation", () => {
  it("is a page whose policy allows its own script and no other", async () => {
    const server = await bed.server();
    const answer = await server.get("/docs");
    const html = await answer.text();
    const inline =
      /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? expect.unreachable("no script");
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain(`'sha256-${createHash("sha256").update(inline).digest("base64")}'`);
    expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(sources).toEqual(["/docs/scalar.js"]);
    const script = await server.get(sources[0]!);
    expect([script.status, script.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
    expect((await script.text()).length).toBeGreaterThan(100_000);
  });

  it("explains every problem, where its type points to", async () => {
    const server = await bed.server();
    const { type } = (await (await server.get("/v1/nothing")).json()) as { type: string };
    const { pathname, hash } = new URL(type, server.url);
    const page = await (await server.get(pathname)).text();
    expect(page).toContain(`id="${hash.slice(1)}"`);
    for (const code of PROBLEM_CODES) expect(page).toContain(`id="${code}"`);
  });

  it("serves the OpenAPI document of the contract, with the server's own limits", async () => {
    const server = await bed.server({ env: { TDA_MAX_DIMENSION: "12" } });
    const document = (await (await server.get("/openapi.json")).json()) as Record<string, unknown>;
    const options = {
      version: "1.2.3",
      authentication: false,
      metrics: true,
      metricsRequireKey: false,
      maxDimension: 12,
    };
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(options))));
  });
});

describe("the schema of requests", () => {
  it("accepts and refuses as the server does, as far as a schema can say", async () => {
    const server = await bed.server();
    const validate = new Ajv2020({ strict: false, strictNumbers: true }).compile(RIPS_REQUEST_SCHEMA);
    const bodies: unknown[] = [
      { points: [] },
      { points: [[1, 2]], threshold: null, metric: "cosine" },
      { distances: [[], [null]] },
      { sparse_distances: { n: 1, rows: [], cols: [], values: [] } },
      {},
      { points: [], distances: [] },
      { points: [[]] },
      { points: null },
      { points: [["1"]] },
      { points: [], max_dimension: 1.5 },
      { points: [], threads: 0 },
      { points: [], x: 1 },
      {
        distances: [
          [0, -1],
          [-1, 0],
        ],
      },
    ];
    for (const body of bodies) {
      const { status } = await server.post(body);
      expect(status === 200, JSON.stringify(body)).toBe(validate(body));
    }
  });
});
