import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Api } from "./support/http.ts";
import { unitSquare } from "./support/inputs.ts";
import { externalUrl, newFolder, Product } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

/** Every regular file below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe.skipIf(externalUrl !== undefined)("authentication on", () => {
  const on = { FEATURE_ENABLE_AUTHENTICATION: "true" };
  const dataDir = newFolder();
  const foreign = join(dataDir, "keys.txt");
  let product: Product;
  let anonymous: Api;
  let keyed: Api;

  beforeAll(async () => {
    // The folder exists, is closed to others and holds a file of somebody else.
    chmodSync(dataDir, 0o700);
    mkdirSync(join(dataDir, "somebody-elses"));
    writeFileSync(foreign, "not ours");
    product = await (await Product.launch({ env: { ...on, TDA_DATABASE_SYSTEM_DIR: newFolder() }, dataDir })).settled();
    anonymous = product.api;
    keyed = new Api(product.url, product.apiKey);
  });
  afterAll(() => product?.dispose());

  it("refuses a request without credentials and says how to authenticate", async () => {
    for (const answer of [
      await anonymous.compute({ points: unitSquare }),
      await anonymous.post("/compute/vietoris-rips", { points: unitSquare }),
      await anonymous.post("/v1/compute/estimate", { points: unitSquare }),
      await anonymous.get("/v1/version"),
    ]) {
      refused(answer, 401, "authentication_required");
      expect(answer.headers["www-authenticate"]).toMatch(/\S/);
    }
  });

  it("takes the key of the first start", async () => {
    computed(await keyed.compute({ points: unitSquare }));
    expect((await keyed.get("/v1/limits")).status).toBe(200);
  });

  it("refuses any other key alike, also one that is almost right", async () => {
    const key = product.apiKey;
    const last = key.endsWith("A") ? "B" : "A";
    for (const wrong of [`${key.slice(0, -1)}${last}`, key.slice(0, -1), `${key}A`, "key", "x".repeat(5000), "'; --"]) {
      const answer = await new Api(product.url, wrong).compute({ points: unitSquare });
      refused(answer, 401, "invalid_api_key");
      expect(answer.text()).not.toContain(key);
    }
    refused(await new Api(product.url, "").compute({ points: [] }), 401, /^(authentication_required|invalid_api_key)$/);
  });

  it("refuses tokens that nobody issued", async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = part({ sub: "x", exp: 4102444800 });
    for (const token of [
      "Bearer x",
      "Bearer a.b.c",
      `Bearer ${part({ alg: "none" })}.${claims}.`,
      `Bearer ${part({ alg: "HS256", kid: "local" })}.${claims}.${part("signature")}`,
      "Basic YWRtaW46YWRtaW4=",
    ]) {
      const answer = await anonymous.compute({ points: [] }, { headers: { Authorization: token } });
      expect(answer.status).toBe(401);
      refused(answer, 401, /^(invalid_token|authentication_required)$/);
    }
  });

  it("says who you are before what is wrong with your request", async () => {
    refused(await anonymous.compute("{"), 401, "authentication_required");
    refused(await anonymous.compute({ treshold: 1 }), 401, "authentication_required");
  });

  it("never answers a stranger from the cache", async () => {
    const points = [[0], [4]];
    for (let turn = 0; turn < 2; turn++) computed(await keyed.compute({ points }));
    const answer = await anonymous.compute({ points });
    refused(answer, 401, "authentication_required");
    expect(answer.headers).not.toHaveProperty("cache-status");
  });

  it("leaves health and the description open", async () => {
    for (const path of ["/health/live", "/health/ready", "/health/dependencies", "/openapi.json", "/metrics"]) {
      expect((await anonymous.get(path)).status, path).toBe(200);
    }
  });

  it("describes the key in OpenAPI", async () => {
    const { components } = (await anonymous.get("/openapi.json")).json<{
      components: { securitySchemes?: Record<string, { type: string; in?: string; name?: string }> };
    }>();
    const schemes = Object.values(components.securitySchemes ?? {});
    expect(schemes).toContainEqual(expect.objectContaining({ type: "apiKey", in: "header", name: "X-API-Key" }));
  });

  it("keeps the key in one file that only its owner reads", () => {
    expect(statSync(product.keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, "keys")).mode & 0o777).toBe(0o700);
    const secret = product.apiKey.split("_").at(-1)!;
    expect(secret.length).toBeGreaterThanOrEqual(32);
    const holders = filesBelow(dataDir).filter((file) => readFileSync(file).includes(secret));
    expect(holders).toEqual([product.keyFile]);
    expect(product.output).not.toContain(secret);
    expect(product.output).toContain("local-api-key");
  });

  it("leaves alone what was in the folder", () => {
    expect(readFileSync(foreign, "utf8")).toBe("not ours");
    expect(readdirSync(join(dataDir, "somebody-elses"))).toEqual([]);
  });

  it("answers any Host, for it is behind a name", async () => {
    computed(await keyed.compute({ points: unitSquare }, { headers: { Host: "tda.example.org" } }));
  });
});

describe.skipIf(externalUrl !== undefined)("metrics behind a key", () => {
  it("asks for it where the setting says so", async () => {
    const product = await Product.launch({
      env: { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_METRICS_REQUIRE_KEY: "true" },
    });
    try {
      await product.settled();
      refused(await product.api.get("/metrics"), 401, "authentication_required");
      expect((await new Api(product.url, product.apiKey).get("/metrics")).status).toBe(200);
    } finally {
      await product.dispose();
    }
  });
});

describe.skipIf(externalUrl !== undefined)("authentication off", () => {
  let product: Product;
  let api: Api;

  beforeAll(async () => {
    product = await (await Product.launch()).settled();
    api = product.api;
  });
  afterAll(() => product?.dispose());

  it("warns at the start", () => {
    expect(product.output).toMatch(/authentication/i);
  });

  it("answers loopback by every name it has", async () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", `localhost:${product.port}`, "127.1.2.3:80"]) {
      computed(await api.compute({ points: unitSquare }, { headers: { Host: host } }));
    }
  });

  it("refuses a Host that is not loopback", async () => {
    const names = [
      "tda.example.org",
      "localhost.example.org",
      "127.0.0.1.nip.io",
      "example.org:80@localhost",
      "192.168.0.1",
      "0.0.0.0",
      "localhost, example.org",
      "[::2]",
    ];
    for (const host of names) {
      const answer = await api.compute({ points: unitSquare }, { headers: { Host: host } });
      expect([400, 403], host).toContain(answer.status);
      refused(answer, answer.status, /^(host_not_allowed|bad_request)$/);
      expect((await api.get("/v1/version", { Host: host })).status, host).toBeGreaterThanOrEqual(400);
    }
    refused(await api.compute({ points: [] }, { headers: { Host: "tda.example.org" } }), 403, "host_not_allowed");
  });

  it("refuses pages of other sites, and gives no CORS", async () => {
    for (const origin of ["https://example.org", "http://localhost.example.org", "null", "http://10.0.0.1"]) {
      const answer = await api.compute({ points: unitSquare }, { headers: { Origin: origin } });
      refused(answer, 403, "origin_not_allowed");
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    }
    const crossSite = await api.compute({ points: unitSquare }, { headers: { "Sec-Fetch-Site": "cross-site" } });
    refused(crossSite, 403, "origin_not_allowed");
    const own = await api.compute(
      { points: unitSquare },
      { headers: { Origin: product.url, "Sec-Fetch-Site": "same-origin" } },
    );
    computed(own);
    expect(own.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("refuses a preflight of another site", async () => {
    const answer = await api.call("/v1/compute/vietoris-rips", {
      method: "OPTIONS",
      headers: { Origin: "https://example.org", "Access-Control-Request-Method": "POST" },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("refuses what a proxy forwards", async () => {
    for (const headers of [
      { "X-Forwarded-For": "203.0.113.1" },
      { "X-Forwarded-Host": "tda.example.org" },
      { Forwarded: "for=203.0.113.1" },
    ]) {
      refused(await api.compute({ points: unitSquare }, { headers }), 403, "forwarding_not_allowed");
    }
  });
});
