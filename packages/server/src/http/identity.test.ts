import type { CreatedKey, CreatedProject, Key, Project, User } from "@tda-platform/contract/access-schemas";
import type { AuditEntry } from "@tda-platform/contract/audit-schemas";
import type { Me, Token } from "@tda-platform/contract/identity-schemas";
import type { Page } from "@tda-platform/contract/pages";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

const on = { FEATURE_ENABLE_AUTHENTICATION: "true" };
const password = "correct horse battery staple";
const square = {
  points: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
};

let bed: TestBed;
let server: TestServer;
beforeAll(async () => {
  bed = await TestBed.open();
  server = await bed.server({ env: on });
});
afterAll(() => bed.end());

type Headers = Record<string, string>;
const keyed = (apiKey: string): Headers => ({ "x-api-key": apiKey });
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

interface Answer<Body> {
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: globalThis.Headers;
  readonly body: Body;
}

async function call<Body = unknown>(
  method: string,
  path: string,
  headers: Headers,
  body?: unknown,
): Promise<Answer<Body>> {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const parsed =
    text === "" || !/json$/.test(response.headers.get("content-type")?.split(";")[0] ?? "") ? text : JSON.parse(text);
  return { status: response.status, code: parsed.code, headers: response.headers, body: parsed as Body };
}

const admin = () => keyed(server.apiKey);
let names = 0;

async function newUser(role = "analyst", headers = admin()): Promise<User> {
  const answer = await call<User>("POST", "/v1/users", headers, { username: `user.${++names}`, password, role });
  expect([answer.status, answer.code]).toEqual([201, undefined]);
  return answer.body;
}

async function logIn(user: User, more: object = {}): Promise<Token> {
  const body = { grant_type: "password", username: user.username, password, ...more };
  const answer = await call<Token>("POST", "/v1/auth/token", {}, body);
  expect([answer.status, answer.code]).toEqual([200, undefined]);
  return answer.body;
}

async function newProject(name = "other"): Promise<CreatedProject> {
  const answer = await call<CreatedProject>("POST", "/v1/projects", admin(), { name });
  expect(answer.status).toBe(201);
  return answer.body;
}

describe("tokens", () => {
  it("are given for a name and password, and say who one is", async () => {
    const user = await newUser();
    const answer = await call<Token>(
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
    const me = await call<Me>("GET", "/v1/me", bearer(answer.body.access_token));
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
    const user = await newUser();
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
    const user = await newUser();
    const ask = (username: string, given: string) =>
      call("POST", "/v1/auth/token", {}, { grant_type: "password", username, password: given });
    expect(await ask(user.username, "wrong horse battery staple")).toMatchObject({
      status: 401,
      code: "invalid_credentials",
    });
    expect(await ask("nobody.knows", password)).toMatchObject({ status: 401, code: "invalid_credentials" });
    await call("PATCH", `/v1/users/${user.id}`, admin(), { is_disabled: true });
    expect(await ask(user.username, password)).toMatchObject({ status: 401, code: "invalid_credentials" });
    const without = await call<User>("POST", "/v1/users", admin(), { username: `user.${++names}`, role: "viewer" });
    expect(await ask(without.body.username, "")).toMatchObject({ status: 422 });
    expect(await ask(without.body.username, "undefined null")).toMatchObject({
      status: 401,
      code: "invalid_credentials",
    });
  });

  it("are refused after too many failures, known name or not, and say how long", async () => {
    const user = await newUser();
    for (const username of [user.username, "no.such.user"]) {
      const ask = (given: string) =>
        call("POST", "/v1/auth/token", {}, { grant_type: "password", username, password: given });
      for (let i = 0; i < 10; i++) expect((await ask("wrong wrong wrong")).status).toBe(401);
      const refused = await ask(password);
      expect(refused).toMatchObject({ status: 429, code: "too_many_attempts" });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(
      (
        await call(
          "POST",
          "/v1/auth/token",
          {},
          { grant_type: "password", username: (await newUser()).username, password },
        )
      ).status,
    ).toBe(200);
  });

  it("are given for an API key, by body or by Basic, with no more than the key may", async () => {
    const key = (await call<CreatedKey>("POST", "/v1/keys", admin(), { name: "m2m", role: "viewer" })).body;
    const token = await call<Token>(
      "POST",
      "/v1/auth/token",
      {},
      { grant_type: "client_credentials", client_secret: key.secret },
    );
    expect(token.body).not.toHaveProperty("refresh_token");
    const basic = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString("base64")}`;
    expect(
      (await call("POST", "/v1/auth/token", { authorization: basic }, { grant_type: "client_credentials" })).status,
    ).toBe(200);
    const wrong = `Basic ${Buffer.from(`key_x:${key.secret}`).toString("base64")}`;
    expect(
      await call("POST", "/v1/auth/token", { authorization: wrong }, { grant_type: "client_credentials" }),
    ).toMatchObject({ code: "invalid_credentials" });
    expect((await call<Me>("GET", "/v1/me", bearer(token.body.access_token))).body).toMatchObject({
      kind: "api_key",
      id: key.id,
      role: "viewer",
    });
    expect((await server.post(square, bearer(token.body.access_token))).status).toBe(403);
    await call("DELETE", `/v1/keys/${key.id}`, admin());
    await until(async () => (await call("GET", "/v1/me", bearer(token.body.access_token))).status === 401);
  });

  it("keep only what a scope names", async () => {
    const token = await logIn(await newUser("admin"), { scope: "openid jobs.read" });
    const me = await call<Me>("GET", "/v1/me", bearer(token.access_token));
    expect(me.body.permissions.toSorted()).toEqual(["jobs.read", "service.read"]);
    expect(await call("POST", "/v1/keys", bearer(token.access_token), { name: "x", role: "viewer" })).toMatchObject({
      status: 403,
    });
  });
});

describe("refresh tokens", () => {
  const refresh = (token: string | undefined, more: object = {}) =>
    call<Token>("POST", "/v1/auth/token", {}, { grant_type: "refresh_token", refresh_token: token, ...more });

  it("are for one use each; a second use ends the session, with its access tokens", async () => {
    const first = await logIn(await newUser());
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    const third = await refresh(second.body.refresh_token);
    expect((await call("GET", "/v1/me", bearer(third.body.access_token))).status).toBe(200);
    expect(await refresh(second.body.refresh_token)).toMatchObject({ status: 401, code: "invalid_refresh_token" });
    expect(await refresh(third.body.refresh_token)).toMatchObject({ status: 401, code: "invalid_refresh_token" });
    await until(async () => (await call("GET", "/v1/me", bearer(third.body.access_token))).status === 401);
  });

  it("of the same session at the same time: one wins, and the session ends", async () => {
    const { refresh_token: token } = await logIn(await newUser());
    const answers = await Promise.all([refresh(token), refresh(token), refresh(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const winner = answers.find(({ status }) => status === 200)!;
    expect((await refresh(winner.body.refresh_token)).status).toBe(401);
  });

  it("are no access tokens, and nothing else is a refresh token", async () => {
    const token = await logIn(await newUser());
    expect(await call("GET", "/v1/me", bearer(token.refresh_token!))).toMatchObject({
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
      (_, token) => call("POST", "/v1/auth/revoke", {}, { token: token.refresh_token }),
      (_, token) => call("POST", "/v1/auth/revoke", {}, { token: token.access_token }),
      (user) => call("PATCH", `/v1/users/${user.id}`, admin(), { password: `${password}!` }),
      (user) => call("PATCH", `/v1/users/${user.id}`, admin(), { is_disabled: true }),
      (user) => call("DELETE", `/v1/users/${user.id}`, admin()),
      (_, token) =>
        call("POST", "/v1/me/password", bearer(token.access_token), {
          current_password: password,
          new_password: `${password}!`,
        }),
    ];
    for (const [index, end] of ways.entries()) {
      const user = await newUser();
      const token = await logIn(user);
      expect((await call("GET", "/v1/me", bearer(token.access_token))).status).toBe(200);
      expect((await end(user, token)).status, String(index)).toBeLessThan(300);
      expect((await refresh(token.refresh_token)).status, String(index)).toBe(401);
      await until(async () => (await call("GET", "/v1/me", bearer(token.access_token))).status === 401);
    }
    expect((await call("POST", "/v1/auth/revoke", {}, { token: "what is this" })).status).toBe(204);
  });
});

describe("API keys", () => {
  it("are made, listed, read, rotated and revoked; the secret is told once", async () => {
    const made = await call<CreatedKey>("POST", "/v1/keys", admin(), {
      name: "ci",
      role: "analyst",
      scopes: ["compute.run"],
    });
    expect(made.status).toBe(201);
    const { secret, ...key } = made.body;
    expect(made.headers.get("location")).toBe(`/v1/keys/${key.id}`);
    expect((await call<Key>("GET", `/v1/keys/${key.id}`, admin())).body).toEqual(key);
    const list = await call<Page<Key>>("GET", "/v1/keys?limit=1", admin());
    expect(list.body.items).toEqual([key]);
    expect(JSON.stringify(list.body)).not.toContain(secret);
    expect((await server.post(square, keyed(secret))).status).toBe(200);
    expect(await call("GET", "/v1/audit", keyed(secret))).toMatchObject({ status: 403, code: "permission_denied" });
    expect((await call("GET", "/v1/me", keyed(secret))).status).toBe(200);
    const next = await call<CreatedKey>("POST", `/v1/keys/${key.id}/rotate?overlap_seconds=60`, admin());
    expect(next.body).toMatchObject({ name: "ci", role: "analyst", scopes: ["compute.run"] });
    for (const one of [secret, next.body.secret]) expect((await call("GET", "/v1/me", keyed(one))).status).toBe(200);
    expect((await call("POST", `/v1/keys/${next.body.id}/rotate`, admin())).status).toBe(201);
    await until(async () => (await call("GET", "/v1/me", keyed(next.body.secret))).status === 401);
    expect((await call("DELETE", `/v1/keys/${key.id}`, admin())).status).toBe(204);
    expect((await call("DELETE", `/v1/keys/${key.id}`, admin())).status).toBe(404);
    await until(async () => (await call("GET", "/v1/me", keyed(secret))).status === 401);
  });

  it("give no more than their maker has", async () => {
    const scoped = await call<CreatedKey>("POST", "/v1/keys", admin(), {
      name: "maker",
      role: "admin",
      scopes: ["keys.manage", "jobs.read"],
    });
    const make = (body: object) => call("POST", "/v1/keys", keyed(scoped.body.secret), { name: "made", ...body });
    expect(await make({ role: "admin" })).toMatchObject({ status: 403, code: "permission_denied" });
    expect(await make({ role: "viewer" })).toMatchObject({ status: 403 });
    expect(await make({ role: "admin", scopes: ["jobs.read"] })).toMatchObject({ status: 201 });
    const adminKey = await call<CreatedKey>("POST", "/v1/keys", admin(), { name: "stronger", role: "admin" });
    expect(await call("POST", `/v1/keys/${adminKey.body.id}/rotate`, keyed(scoped.body.secret))).toMatchObject({
      status: 403,
    });
  });

  it("end by their date, which is not in the past", async () => {
    const soon = new Date(Date.now() + 400).toISOString();
    const key = await call<CreatedKey>("POST", "/v1/keys", admin(), {
      name: "brief",
      role: "viewer",
      expires_at: soon,
    });
    expect((await call("GET", "/v1/me", keyed(key.body.secret))).status).toBe(200);
    await until(async () => (await call("GET", "/v1/me", keyed(key.body.secret))).status === 401);
    for (const expires_at of ["2020-01-01T00:00:00Z", "2099-02-31T99:00:00Z", "tomorrow"]) {
      expect((await call("POST", "/v1/keys", admin(), { name: "x", role: "viewer", expires_at })).status).toBe(422);
    }
  });
});

describe("users and projects", () => {
  it("passwords are held to their rules", async () => {
    const make = (given: string) =>
      call("POST", "/v1/users", admin(), { username: `rule.${++names}`, password: given, role: "viewer" });
    for (const weak of ["short", "aaaaaaaaaaaaaaaaaa", `rule.${names + 3}!!!!!!!!`]) {
      expect(await make(weak), weak).toMatchObject({ status: 422, code: "weak_password" });
    }
    expect(
      await call("POST", "/v1/users", admin(), { username: (await newUser()).username, role: "viewer" }),
    ).toMatchObject({ status: 409, code: "name_taken" });
  });

  it("a user is a member of several projects, with a role in each, and chooses one", async () => {
    const other = await newProject();
    const user = await newUser("viewer");
    const joined = await call<User>("POST", "/v1/users", keyed(other.api_key.secret), {
      user_id: user.id,
      role: "admin",
    });
    expect(joined.body).toMatchObject({ id: user.id, role: "admin", is_local: false });
    const token = await logIn(user);
    expect(token.project_id).not.toBe(other.id);
    const there = { ...bearer(token.access_token), "x-project-id": other.id };
    expect((await call<Me>("GET", "/v1/me", there)).body).toMatchObject({ project_id: other.id, role: "admin" });
    expect((await call<Me>("GET", "/v1/me", bearer(token.access_token))).body).toMatchObject({ role: "viewer" });
    const direct = await logIn(user, { project_id: other.id });
    expect((await call<Me>("GET", "/v1/me", bearer(direct.access_token))).body).toMatchObject({
      project_id: other.id,
      role: "admin",
    });
    const projects = await call<Page<Project>>("GET", "/v1/projects", bearer(token.access_token));
    expect(projects.body.items.map(({ name, role }) => [name, role])).toEqual([
      ["other", "admin"],
      ["default", "viewer"],
    ]);
    // The account stays its home's: the other project may change the role and no more.
    expect(
      await call("PATCH", `/v1/users/${user.id}`, keyed(other.api_key.secret), { password: `${password}!` }),
    ).toMatchObject({ status: 403 });
    expect(
      (await call("PATCH", `/v1/users/${user.id}`, keyed(other.api_key.secret), { role: "analyst" })).body,
    ).toMatchObject({ role: "analyst" });
    expect((await call("DELETE", `/v1/users/${user.id}`, keyed(other.api_key.secret))).status).toBe(204);
    await until(async () => (await call("GET", "/v1/me", there)).status === 404);
    expect((await call("GET", "/v1/me", bearer(token.access_token))).status).toBe(200);
  });

  it("what is another project's does not exist", async () => {
    const other = await newProject();
    const theirs = keyed(other.api_key.secret);
    const user = await newUser();
    const key = (await call<CreatedKey>("POST", "/v1/keys", admin(), { name: "ours", role: "viewer" })).body;
    for (const [method, path, body] of [
      ["GET", `/v1/keys/${key.id}`],
      ["DELETE", `/v1/keys/${key.id}`],
      ["POST", `/v1/keys/${key.id}/rotate`],
      ["GET", `/v1/users/${user.id}`],
      ["PATCH", `/v1/users/${user.id}`, { role: "viewer" }],
      ["DELETE", `/v1/users/${user.id}`],
    ] as const) {
      expect(await call(method, path, theirs, body), `${method} ${path}`).toMatchObject({
        status: 404,
        code: "not_found",
      });
    }
    expect((await call<Page<User>>("GET", "/v1/users", theirs)).body.items).toEqual([]);
    expect((await call<Page<Key>>("GET", "/v1/keys", theirs)).body.items.map(({ id }) => id)).toEqual([
      other.api_key.id,
    ]);
    expect((await call<Page<Project>>("GET", "/v1/projects", theirs)).body.items.map(({ id }) => id)).toEqual([
      other.id,
    ]);
    expect(await call("POST", "/v1/projects", theirs, { name: "more" })).toMatchObject({ status: 403 });
    expect(await call("GET", "/v1/me", { ...admin(), "x-project-id": other.id })).toMatchObject({ status: 404 });
    const { access_token } = await logIn(user);
    for (const id of [other.id, "prj_x", ""]) {
      expect(await call("GET", "/v1/me", { ...bearer(access_token), "x-project-id": id })).toMatchObject({
        status: 404,
      });
    }
    expect(
      await call(
        "POST",
        "/v1/auth/token",
        {},
        { grant_type: "password", username: user.username, password, project_id: other.id },
      ),
    ).toMatchObject({ status: 404 });
  });
});

describe("the audit log", () => {
  const rows = async (query: string, headers = admin()) =>
    (await call<Page<AuditEntry>>("GET", `/v1/audit?${query}`, headers)).body.items;

  it("has who did what, when and from where, at once with the change", async () => {
    const id = `audit-${Date.now()}`;
    const key = await call<CreatedKey>(
      "POST",
      "/v1/keys",
      { ...admin(), "x-request-id": id },
      { name: "audited", role: "viewer" },
    );
    const [row, ...more] = await rows(`request_id=${id}`);
    expect(more).toEqual([]);
    const me = (await call<Me>("GET", "/v1/me", admin())).body;
    expect(row).toMatchObject({
      ...{
        actor_kind: "api_key",
        actor_id: me.id,
        credential_id: me.id,
        operation: "key.create",
        target: key.body.id,
      },
      ...{ outcome: "succeeded", status: 201, address: "127.0.0.1", count: 1 },
    });
    expect(Math.abs(Date.parse(row!.occurred_at) - Date.now())).toBeLessThan(60_000);
  });

  it("has logins, computations and refusals, each once", async () => {
    const user = await newUser("viewer");
    const { access_token } = await logIn(user);
    const login = await rows(`operation=auth.token&actor_id=${user.id}`);
    expect(login).toMatchObject([{ actor_kind: "user", outcome: "succeeded", status: 200 }]);
    const id = `compute-${Date.now()}`;
    for (const headers of [admin(), bearer(access_token), keyed("x"), {}] as Headers[])
      await server.post(square, { ...headers, "x-request-id": id });
    const found = await until(async () => {
      const some = await rows(`request_id=${id}`);
      return some.length >= 4 && some;
    });
    expect(found.map(({ actor_kind, outcome, status }) => [actor_kind, outcome, status]).reverse()).toEqual([
      ["api_key", "succeeded", 200],
      ["user", "refused", 403],
      ["anonymous", "refused", 401],
      ["anonymous", "refused", 401],
    ]);
    expect((await rows(`request_id=${id}&outcome=succeeded`)).length).toBe(1);
  });

  it("has reading only where it was refused", async () => {
    const id = `read-${Date.now()}`;
    await call("GET", "/v1/keys", { ...admin(), "x-request-id": id });
    await call("GET", "/v1/keys", { "x-request-id": id });
    const found = await until(async () => {
      const some = await rows(`request_id=${id}`);
      return some.length > 0 && some;
    });
    expect(found).toMatchObject([{ operation: "key.list", outcome: "refused" }]);
  });

  it("is the project's own, paged and filtered; and comes as a file", async () => {
    const other = await newProject();
    const theirs = keyed(other.api_key.secret);
    for (let i = 0; i < 3; i++) await call("POST", "/v1/keys", theirs, { name: `${i}`, role: "viewer" });
    const first = await call<Page<AuditEntry>>("GET", "/v1/audit?limit=2", theirs);
    const second = await call<Page<AuditEntry>>("GET", `/v1/audit?limit=2&cursor=${first.body.next_cursor}`, theirs);
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted().reverse());
    expect(ids.length).toBe(3);
    expect(second.body.next_cursor).toBeNull();
    const file = await fetch(`${server.url}/v1/audit/export?operation=key.create`, { headers: theirs });
    expect(file.headers.get("content-type")).toContain("application/x-ndjson");
    const lines = (await file.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditEntry);
    expect(lines.map(({ id }) => id)).toEqual(ids);
    expect(await call("GET", "/v1/audit?from=2024-13-45T00:00:00Z", theirs)).toMatchObject({ status: 422 });
  });
});

describe("the built-in issuer", () => {
  it("tells its keys and where things are", async () => {
    const { body: jwks } = await call<{ keys: Record<string, unknown>[] }>("GET", "/.well-known/jwks.json", {});
    const { access_token } = await logIn(await newUser());
    expect(jwks.keys).toContainEqual(
      expect.objectContaining({ kid: decodeProtectedHeader(access_token).kid, kty: "RSA", alg: "RS256", use: "sig" }),
    );
    for (const key of jwks.keys) expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    const { body } = await call<Record<string, string>>("GET", "/.well-known/openid-configuration", {});
    expect(body.issuer).toBe(decodeJwt(access_token).iss);
    expect(body.jwks_uri).toBe(`${server.url}/.well-known/jwks.json`);
  });
});
