import type { CreatedKey, User } from "@tda-platform/contract/access-schemas";
import type { Me, Token } from "@tda-platform/contract/identity-schemas";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessClient, bearer, openAccess, password, square } from "../../test/support/access-client.ts";
import { type TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

let names = 0;

let bed: TestBed;
let server: TestServer;
let client: AccessClient;
beforeAll(async () => {
  ({ bed, server, client } = await openAccess());
});
afterAll(() => bed.end());

describe("tokens", () => {
  it("are given for a name and password, and say who one is", async () => {
    const user = await client.newUser();
    const answer = await client.call<Token>(
      "POST",
      "/v1/auth/token",
      {},
      { grant_type: "password", username: user.username.toUpperCase(), password },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toMatchObject({ token_type: "Bearer", expires_in: 600 });
    expect(decodeProtectedHeader(answer.body.access_token)).toMatchObject({ alg: "RS256", typ: "at+jwt" });
    const claims = decodeJwt(answer.body.access_token);
    expect(claims.exp! - claims.iat!).toBe(600);
    expect(claims.sub).toBe(user.id);
    const me = await client.call<Me>("GET", "/v1/me", bearer(answer.body.access_token));
    expect(me.body).toMatchObject({
      kind: "user",
      id: user.id,
      username: user.username,
      role: "analyst",
      project_name: "default",
    });
    expect(me.body.permissions).toContain("compute.run");
    expect((await server.post(square, bearer(answer.body.access_token))).status).toBe(200);
  });

  it("may be asked for by a form, as OAuth says", async () => {
    const user = await client.newUser();
    const response = await fetch(`${server.url}/v1/auth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "password", username: user.username, password }),
    });
    expect(response.status).toBe(200);
    const twice = await fetch(`${server.url}/v1/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=password&grant_type=password",
    });
    expect(twice.status).toBe(422);
  });

  it("are not given for a wrong password, an unknown name, a closed account", async () => {
    const user = await client.newUser();
    const ask = (username: string, given: string) =>
      client.call("POST", "/v1/auth/token", {}, { grant_type: "password", username, password: given });
    expect(await ask(user.username, "wrong horse battery staple")).toMatchObject({
      status: 401,
      code: "invalid_credentials",
    });
    expect(await ask("nobody.knows", password)).toMatchObject({ status: 401, code: "invalid_credentials" });
    await client.call("PATCH", `/v1/users/${user.id}`, client.admin, { is_disabled: true });
    expect(await ask(user.username, password)).toMatchObject({ status: 401, code: "invalid_credentials" });
    const without = await client.call<User>("POST", "/v1/users", client.admin, {
      username: `nobody.${++names}`,
      role: "viewer",
    });
    expect(await ask(without.body.username, "")).toMatchObject({ status: 422 });
    expect(await ask(without.body.username, "undefined null")).toMatchObject({
      status: 401,
      code: "invalid_credentials",
    });
  });

  it("are refused after too many failures, known name or not, and say how long", async () => {
    const user = await client.newUser();
    for (const username of [user.username, "no.such.user"]) {
      const ask = (given: string) =>
        client.call("POST", "/v1/auth/token", {}, { grant_type: "password", username, password: given });
      for (let i = 0; i < 10; i++) expect((await ask("wrong wrong wrong")).status).toBe(401);
      const refused = await ask(password);
      expect(refused).toMatchObject({ status: 429, code: "too_many_attempts" });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(
      (
        await client.call(
          "POST",
          "/v1/auth/token",
          {},
          { grant_type: "password", username: (await client.newUser()).username, password },
        )
      ).status,
    ).toBe(200);
  });

  it("are given for an API key, by body or by Basic, with no more than the key may", async () => {
    const key = (await client.call<CreatedKey>("POST", "/v1/keys", client.admin, { name: "m2m", role: "viewer" })).body;
    const token = await client.call<Token>(
      "POST",
      "/v1/auth/token",
      {},
      { grant_type: "client_credentials", client_secret: key.secret },
    );
    expect(token.body).not.toHaveProperty("refresh_token");
    const basic = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString("base64")}`;
    expect(
      (await client.call("POST", "/v1/auth/token", { authorization: basic }, { grant_type: "client_credentials" }))
        .status,
    ).toBe(200);
    const wrong = `Basic ${Buffer.from(`key_x:${key.secret}`).toString("base64")}`;
    expect(
      await client.call("POST", "/v1/auth/token", { authorization: wrong }, { grant_type: "client_credentials" }),
    ).toMatchObject({ code: "invalid_credentials" });
    expect((await client.call<Me>("GET", "/v1/me", bearer(token.body.access_token))).body).toMatchObject({
      kind: "api_key",
      id: key.id,
      role: "viewer",
    });
    expect((await server.post(square, bearer(token.body.access_token))).status).toBe(403);
    await client.call("DELETE", `/v1/keys/${key.id}`, client.admin);
    await until(async () => (await client.call("GET", "/v1/me", bearer(token.body.access_token))).status === 401);
  });

  it("keep only what a scope names", async () => {
    const token = await client.logIn(await client.newUser("admin"), { scope: "openid jobs.read" });
    const me = await client.call<Me>("GET", "/v1/me", bearer(token.access_token));
    expect(me.body.permissions.toSorted()).toEqual(["jobs.read", "service.read"]);
    expect(
      await client.call("POST", "/v1/keys", bearer(token.access_token), { name: "x", role: "viewer" }),
    ).toMatchObject({
      status: 403,
    });
  });
});

describe("refresh tokens", () => {
  const refresh = (token: string | undefined, more: object = {}) =>
    client.call<Token>("POST", "/v1/auth/token", {}, { grant_type: "refresh_token", refresh_token: token, ...more });

  it("are for one use each; a second use ends the session, with its access tokens", async () => {
    const first = await client.logIn(await client.newUser());
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    const third = await refresh(second.body.refresh_token);
    expect((await client.call("GET", "/v1/me", bearer(third.body.access_token))).status).toBe(200);
    expect(await refresh(second.body.refresh_token)).toMatchObject({ status: 401, code: "invalid_refresh_token" });
    expect(await refresh(third.body.refresh_token)).toMatchObject({ status: 401, code: "invalid_refresh_token" });
    await until(async () => (await client.call("GET", "/v1/me", bearer(third.body.access_token))).status === 401);
  });

  it("of the same session at the same time: one wins, and the session ends", async () => {
    const { refresh_token: token } = await client.logIn(await client.newUser());
    const answers = await Promise.all([refresh(token), refresh(token), refresh(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const winner = answers.find(({ status }) => status === 200)!;
    expect((await refresh(winner.body.refresh_token)).status).toBe(401);
  });

  it("are no access tokens, and nothing else is a refresh token", async () => {
    const token = await client.logIn(await client.newUser());
    expect(await client.call("GET", "/v1/me", bearer(token.refresh_token!))).toMatchObject({
      status: 401,
      code: "invalid_token",
    });
    for (const text of [token.access_token, "tdr_x", "x", `${token.refresh_token}x`]) {
      expect(await refresh(text)).toMatchObject({ status: 401, code: "invalid_refresh_token" });
    }
    expect(await refresh(undefined)).toMatchObject({ status: 422, code: "validation_failed" });
    expect((await refresh(token.refresh_token)).status).toBe(200);
  });

  it("end with the session: logout, a new password, a closed account, a removed user", async () => {
    const ways: ((user: User, token: Token) => Promise<{ status: number }>)[] = [
      (_, token) => client.call("POST", "/v1/auth/revoke", {}, { token: token.refresh_token }),
      (_, token) => client.call("POST", "/v1/auth/revoke", {}, { token: token.access_token }),
      (user) => client.call("PATCH", `/v1/users/${user.id}`, client.admin, { password: `${password}!` }),
      (user) => client.call("PATCH", `/v1/users/${user.id}`, client.admin, { is_disabled: true }),
      (user) => client.call("DELETE", `/v1/users/${user.id}`, client.admin),
      (_, token) =>
        client.call("POST", "/v1/me/password", bearer(token.access_token), {
          current_password: password,
          new_password: `${password}!`,
        }),
    ];
    for (const [index, end] of ways.entries()) {
      const user = await client.newUser();
      const token = await client.logIn(user);
      expect((await client.call("GET", "/v1/me", bearer(token.access_token))).status).toBe(200);
      expect((await end(user, token)).status, String(index)).toBeLessThan(300);
      expect((await refresh(token.refresh_token)).status, String(index)).toBe(401);
      await until(async () => (await client.call("GET", "/v1/me", bearer(token.access_token))).status === 401);
    }
    expect((await client.call("POST", "/v1/auth/revoke", {}, { token: "what is this" })).status).toBe(204);
  });
});

describe("the built-in issuer", () => {
  it("tells its keys and where things are", async () => {
    const { body: jwks } = await client.call<{ keys: Record<string, unknown>[] }>("GET", "/.well-known/jwks.json", {});
    const { access_token } = await client.logIn(await client.newUser());
    expect(jwks.keys).toContainEqual(
      expect.objectContaining({ kid: decodeProtectedHeader(access_token).kid, kty: "RSA", alg: "RS256", use: "sig" }),
    );
    for (const key of jwks.keys) expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    const { body } = await client.call<Record<string, string>>("GET", "/.well-known/openid-configuration", {});
    expect(body.issuer).toBe(decodeJwt(access_token).iss);
    expect(body.jwks_uri).toBe(`${server.url}/.well-known/jwks.json`);
  });
});
