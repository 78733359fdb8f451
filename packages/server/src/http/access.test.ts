import { request as httpRequest } from "node:http";
import { isAllowed, type Permission, ROLE_PERMISSIONS, ROLES, type Role } from "@tda-platform/contract/permissions";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer } from "../../test/support/test-bed.ts";
import { DependencyUnavailable } from "../domain/errors.ts";
import type { Principal } from "../domain/ports.ts";
import { refuseForeignRequest } from "./loopback-guard.ts";

const square = {
  points: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};
const on = { FEATURE_ENABLE_AUTHENTICATION: "true" };

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

/** fetch sets Host itself; a browser that was led here by DNS rebinding sends the attacker's name. */
function withHeaders(
  server: TestServer,
  headers: Record<string, string>,
  path = "/v1/version",
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port: server.port, host: "127.0.0.1", path, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => resolve([response.statusCode ?? 0, (JSON.parse(text) as { code: string }).code]));
    });
    request.on("error", reject).end();
  });
}

describe("authentication on", () => {
  it("knows the key, and says what is wrong with others", async () => {
    const server = await bed.server({ env: on });
    expect((await server.get("/v1/version", { "x-api-key": server.apiKey })).status).toBe(200);
    const refused: [Record<string, string>, string][] = [
      [{}, "authentication_required"],
      [{ "x-api-key": "" }, "authentication_required"],
      [{ "x-api-key": `${server.apiKey}x` }, "invalid_api_key"],
      [{ "x-api-key": "x".repeat(4000) }, "invalid_api_key"],
      [{ authorization: `Bearer ${server.apiKey}` }, "invalid_token"],
      [{ authorization: "Basic eDp5", "x-api-key": server.apiKey }, "invalid_token"],
    ];
    for (const [headers, code] of refused) {
      const answer = await server.get("/v1/version", headers);
      expect(answer.headers.get("www-authenticate")).toContain("ApiKey");
      expect(await codeOf(answer)).toEqual([401, code]);
    }
  });

  it("comes before the body is looked at", async () => {
    const server = await bed.server({ env: on });
    expect(await codeOf(await server.post("{"))).toEqual([401, "authentication_required"]);
    expect(await codeOf(await server.post("x", { "content-type": "text/plain" }))).toEqual([
      401,
      "authentication_required",
    ]);
  });

  it("is not asked for health, documentation and description", async () => {
    const server = await bed.server({ env: on });
    for (const path of [
      "/",
      "/health/live",
      "/health/ready",
      "/health/dependencies",
      "/openapi.json",
      "/docs",
      "/docs/problems",
      "/metrics",
    ]) {
      expect((await server.get(path)).status, path).toBe(200);
    }
    const closed = await bed.server({ env: { ...on, TDA_METRICS_REQUIRE_KEY: "true" } });
    expect(await codeOf(await closed.get("/metrics"))).toEqual([401, "authentication_required"]);
    expect((await closed.get("/metrics", { "x-api-key": closed.apiKey })).status).toBe(200);
  });

  it("lets a role do what it may", async () => {
    const principal = (role: Principal["role"]): Principal => ({
      kind: "api_key",
      id: "key_x",
      projectId: bed.database.defaultProjectId,
      role,
      permissions: ROLE_PERMISSIONS[role as Role],
    });
    for (const role of ROLES) {
      const server = await bed.server({ env: on, apiKeys: { authenticate: async () => principal(role) } });
      const mayCompute = isAllowed(role, "compute.run" satisfies Permission);
      expect((await server.post(square, { "x-api-key": "k" })).status, role).toBe(mayCompute ? 200 : 403);
      expect((await server.get("/v1/version", { "x-api-key": "k" })).status, role).toBe(200);
    }
    const viewer = await bed.server({ env: on, apiKeys: { authenticate: async () => principal("viewer") } });
    expect(await codeOf(await viewer.post(square, { "x-api-key": "k" }))).toEqual([403, "permission_denied"]);
  });

  it("without its database is 503, not a stranger's 401", async () => {
    const authenticate = () => Promise.reject(new DependencyUnavailable("database", "connect ECONNREFUSED", 3));
    const server = await bed.server({ env: on, apiKeys: { authenticate } });
    const answer = await server.get("/v1/version", { "x-api-key": server.apiKey });
    expect(answer.headers.get("retry-after")).toBe("3");
    expect(await codeOf(answer)).toEqual([503, "storage_unavailable"]);
  });

  it("answers any host", async () => {
    const server = await bed.server({ env: on });
    const [status] = await withHeaders(server, { host: "tda.example.org", "x-api-key": server.apiKey });
    expect(status).toBe(200);
  });
});

describe("CORS", () => {
  const origin = "https://console.example.org";

  it("is given to the configured origins only, and never for credentials", async () => {
    const server = await bed.server({ env: { ...on, TDA_CORS_ORIGINS: origin } });
    const preflight = (from: string) =>
      fetch(`${server.url}/v1/compute/vietoris-rips`, {
        method: "OPTIONS",
        headers: {
          origin: from,
          "access-control-request-method": "POST",
          "access-control-request-headers": "x-api-key",
        },
      });
    const allowed = await preflight(origin);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe(origin);
    expect(allowed.headers.get("access-control-allow-headers")).toContain("X-API-Key");
    expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
    const answer = await server.post(square, { origin, "x-api-key": server.apiKey });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    const other = await preflight("https://evil.example.org");
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    expect(other.headers.get("vary")).toContain("Origin");
  });

  it("does not exist otherwise", async () => {
    const without = await bed.server({ env: on });
    const open = await bed.server({ env: { TDA_CORS_ORIGINS: origin } });
    expect((await without.get("/v1/version", { origin })).headers.get("access-control-allow-origin")).toBeNull();
    expect((await open.get("/v1/version", { origin })).headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("authentication off", () => {
  it("refuses a rebound name, a foreign page and a proxy, on every path", async () => {
    const server = await bed.server();
    for (const path of ["/v1/version", "/health/live", "/openapi.json", "/docs", "/nothing"]) {
      expect(await withHeaders(server, { host: "rebound.example.org" }, path)).toEqual([403, "host_not_allowed"]);
      expect(await withHeaders(server, { host: "localhost", origin: "https://example.org" }, path)).toEqual([
        403,
        "origin_not_allowed",
      ]);
      expect(await withHeaders(server, { host: "localhost", "x-forwarded-for": "203.0.113.1" }, path)).toEqual([
        403,
        "forwarding_not_allowed",
      ]);
    }
  });

  it.each(["localhost", "LOCALHOST:80", "127.0.0.1:8000", "127.8.9.1", "[::1]", "[::1]:8000"])(
    "is loopback: %s",
    (host) => {
      expect(() =>
        refuseForeignRequest({ host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }),
      ).not.toThrow();
    },
  );

  it.each([
    undefined,
    "",
    "example.org",
    "localhost.example.org",
    "localhost.",
    "127.0.0.1.nip.io",
    "evil@localhost",
    "localhost@evil",
    "localhost,example.org",
    "0.0.0.0",
    "[::]",
    "[::ffff:10.0.0.1]",
    "2130706433",
    "0x7f.1",
    "localhost:80:80",
    "localhost/",
  ])("is not loopback: %s", (host) => {
    expect(() => refuseForeignRequest(host === undefined ? {} : { host })).toThrow(
      expect.objectContaining({ code: "host_not_allowed" }),
    );
  });

  it.each([
    "null",
    "",
    "https://example.org",
    "http://localhost.example.org",
    "file://",
    "http://localhost@example.org",
    "localhost",
  ])("is a foreign origin: %j", (origin) => {
    expect(() => refuseForeignRequest({ host: "localhost", origin })).toThrow(
      expect.objectContaining({ code: "origin_not_allowed" }),
    );
  });

  it("refuses cross-site requests that browsers mark, and lets the address bar pass", () => {
    const from = (site: string) => () => refuseForeignRequest({ host: "localhost", "sec-fetch-site": site });
    expect(from("cross-site")).toThrow(expect.objectContaining({ code: "origin_not_allowed" }));
    for (const site of ["none", "same-origin", "same-site"]) expect(from(site)).not.toThrow();
  });
});
