import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Me, Token } from "@tda-platform/contract/identity-schemas";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer } from "../../test/support/test-bed.ts";

const on = { FEATURE_ENABLE_AUTHENTICATION: "true" };
const folder = mkdtempSync(join(tmpdir(), "tda-keys-"));

mkdirSync(join(folder, "two"));

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(async () => {
  await bed.end();
  rmSync(folder, { recursive: true, force: true });
});

async function tokenOf(server: TestServer): Promise<string> {
  const body = { grant_type: "client_credentials", client_secret: server.apiKey };
  const answer = await server.post(body, {}, "/v1/auth/token");
  expect(answer.status).toBe(200);
  return ((await answer.json()) as Token).access_token;
}
const meWith = (server: TestServer, token: string) => server.get("/v1/me", { authorization: `Bearer ${token}` });
const kidsOf = async (server: TestServer) =>
  ((await (await server.get("/.well-known/jwks.json")).json()) as { keys: { kid: string }[] }).keys.map(
    ({ kid }) => kid,
  );
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? "";

describe("the signing key", () => {
  it("is replaced while the server runs: the old one stays until its tokens have ended", async () => {
    const server = await bed.server({ env: on });
    const old = await tokenOf(server);
    rmSync(bed.signingKeyFile);
    await server.identity.refreshSigningKey();
    const next = await tokenOf(server);
    expect(kidOf(next)).not.toBe(kidOf(old));
    expect(await kidsOf(server)).toEqual(expect.arrayContaining([kidOf(old), kidOf(next)]));
    for (const token of [old, next]) expect((await meWith(server, token)).status).toBe(200);
    await bed.rows("update tda.signing_keys set used_until = now() - interval '1 second' where kid = $1", [kidOf(old)]);
    expect(await kidsOf(server)).not.toContain(kidOf(old));
    // Another process, which remembers neither key nor token.
    const other = await bed.server({ env: on });
    expect((await meWith(other, old)).status).toBe(401);
    expect((await meWith(other, next)).status).toBe(200);
  });

  it("of one server is known to the others on the database, each of which has its own", async () => {
    const one = await bed.server({ env: on });
    const two = await bed.server({ env: { ...on, TDA_DATA_DIR: join(folder, "two") } });
    const [ofOne, ofTwo] = [await tokenOf(one), await tokenOf(two)];
    expect(kidOf(ofOne)).not.toBe(kidOf(ofTwo));
    expect((await meWith(one, ofTwo)).status).toBe(200);
    expect((await meWith(two, ofOne)).status).toBe(200);
    expect(new Set(await kidsOf(one))).toEqual(new Set(await kidsOf(two)));
  });

  it("lets others verify tokens by discovery, where the server has a name", async () => {
    const issuer = "https://tda.example.org";
    const server = await bed.server({ env: { ...on, TDA_PUBLIC_URL: `${issuer}/` } });
    const configuration = (await (await server.get("/.well-known/openid-configuration")).json()) as Record<
      string,
      string
    >;
    expect(configuration).toMatchObject({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` });
    const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(await tokenOf(server), keys, { issuer, audience: "tda-platform" });
    expect(payload.prj).toBe(bed.database.defaultProjectId);
  });
});

describe("a change on one server", () => {
  it("is known to another at once", async () => {
    const one = await bed.server({ env: on });
    const two = await bed.server({ env: { ...on, TDA_DATA_DIR: join(folder, "two") } });
    const made = await one.post({ name: "brief", role: "viewer" }, { "x-api-key": one.apiKey }, "/v1/keys");
    const { id, secret } = (await made.json()) as { id: string; secret: string };
    expect((await two.get("/v1/me", { "x-api-key": secret })).status).toBe(200);
    await fetch(`${one.url}/v1/keys/${id}`, { method: "DELETE", headers: { "x-api-key": one.apiKey } });
    const deadline = Date.now() + 5_000;
    while ((await two.get("/v1/me", { "x-api-key": secret })).status !== 401) expect(Date.now()).toBeLessThan(deadline);
  });
});

describe("with authentication off", () => {
  it("the caller is the default project's administrator, and what it does is written down", async () => {
    const server = await bed.server();
    const me = (await (await server.get("/v1/me")).json()) as Me;
    expect(me).toMatchObject({ kind: "local", id: "local", role: "admin", project_id: bed.database.defaultProjectId });
    const made = await server.post({ name: "made without credentials", role: "viewer" }, {}, "/v1/keys");
    const { id } = (await made.json()) as { id: string };
    const audit = (await (await server.get(`/v1/audit?target=${id}`)).json()) as { items: object[] };
    expect(audit.items).toMatchObject([{ actor_kind: "local", actor_id: "local", operation: "key.create" }]);
  });
});
