import type { AuditEntry } from "@tda-platform/contract/audit-schemas";
import type { Token } from "@tda-platform/contract/identity-schemas";
import type { Page } from "@tda-platform/contract/pages";
import { afterEach, describe, expect, it } from "vitest";
import { Api } from "./support/http.ts";
import { unitSquare } from "./support/inputs.ts";
import { until } from "./support/poll.ts";
import { externalUrl, newFolder, Product } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

const env = { FEATURE_ENABLE_AUTHENTICATION: "true" };
const password = "correct horse battery staple";
const products: Product[] = [];

async function start(dataDir: string, more: Readonly<Record<string, string>> = {}): Promise<Product> {
  const product = await Product.launch({ env: { ...env, ...more }, dataDir });
  products.push(product);
  return product.settled();
}

afterEach(async () => {
  for (const product of products.splice(0)) await product.dispose();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const form = { "Content-Type": "application/x-www-form-urlencoded" };

async function logIn(api: Api, username: string): Promise<Token> {
  const body = new URLSearchParams({ grant_type: "password", username, password }).toString();
  const answer = await api.call("/v1/auth/token", { headers: form, body });
  expect(answer.status, answer.text()).toBe(200);
  expect(answer.headers["cache-control"]).toBe("no-store");
  return answer.json<Token>();
}

const refresh = (api: Api, token: Token) =>
  api.post("/v1/auth/token", { grant_type: "refresh_token", refresh_token: token.refresh_token });

describe.skipIf(externalUrl !== undefined)("users, keys and the audit log", () => {
  it("are there after a restart, with the logins that were open", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    const admin = new Api(first.url, first.apiKey);
    expect((await admin.post("/v1/users", { username: "ada", password, role: "analyst" })).status).toBe(201);
    const key = (await admin.post("/v1/keys", { name: "kept", role: "viewer" })).json<{ id: string; secret: string }>();
    const token = await logIn(new Api(first.url), "ada");
    computed(await new Api(first.url).compute({ points: unitSquare }, { headers: bearer(token.access_token) }));
    expect((await first.stop()).code).toBe(0);

    const second = await start(dataDir);
    const anonymous = new Api(second.url);
    const me = await anonymous.get("/v1/me", bearer(token.access_token));
    expect(me.json()).toMatchObject({ kind: "user", username: "ada", role: "analyst" });
    const next = await refresh(anonymous, token);
    expect(next.status).toBe(200);
    refused(await refresh(anonymous, token), 401, "invalid_refresh_token");
    refused(await refresh(anonymous, next.json<Token>()), 401, "invalid_refresh_token");
    expect((await new Api(second.url, key.secret).get("/v1/me")).status).toBe(200);
    const log = await new Api(second.url, second.apiKey).get("/v1/audit/export");
    const rows = log
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditEntry);
    const operations = rows.filter(({ outcome }) => outcome === "succeeded").map(({ operation }) => operation);
    for (const one of ["user.create", "key.create", "auth.token", "compute.vietoris_rips"])
      expect(operations).toContain(one);
    expect(log.text()).not.toContain(key.secret);
    expect(second.output).not.toContain(password);
  });

  it("are the same in each process of an instance: a revoked key and an ended login are refused by all", async () => {
    const product = await start(newFolder(), { API_WORKERS: "2" });
    const admin = new Api(product.url, product.apiKey);
    await admin.post("/v1/users", { username: "grace", password, role: "viewer" });
    const key = (await admin.post("/v1/keys", { name: "brief", role: "viewer" })).json<{
      id: string;
      secret: string;
    }>();
    const token = await logIn(new Api(product.url), "grace");
    const all = async (headers: Record<string, string>, status: number) => {
      // A connection each, so that both processes are asked.
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => new Api(product.url).get("/v1/me", { ...headers, Connection: "close" })),
      );
      return answers.every((answer) => answer.status === status);
    };
    expect(await all({ "X-API-Key": key.secret }, 200)).toBe(true);
    expect(await all(bearer(token.access_token), 200)).toBe(true);
    expect((await admin.call(`/v1/keys/${key.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await new Api(product.url).post("/v1/auth/revoke", { token: token.refresh_token })).status).toBe(204);
    await until("the key to be refused", () => all({ "X-API-Key": key.secret }, 401), 60_000);
    await until("the token to be refused", () => all(bearer(token.access_token), 401), 60_000);
    const page = (await admin.get(`/v1/audit?target=${key.id}`)).json<Page<AuditEntry>>();
    expect(page.items.map(({ operation }) => operation)).toEqual(["key.revoke", "key.create"]);
  });
});
