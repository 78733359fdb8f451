import type { CreatedKey, Key, Project, User } from "@tda-platform/contract/access-schemas";
import type { Me } from "@tda-platform/contract/identity-schemas";
import type { Page } from "@tda-platform/contract/pages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessClient, bearer, keyed, openAccess, password, square } from "../../test/support/access-client.ts";
import { type TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

let names = 0;

let bed: TestBed;
let server: TestServer;
let client: AccessClient;
beforeAll(async () => {
  ({ bed, server, client } = await openAccess());
});
afterAll(() => bed.end());

describe("API keys", () => {
  it("are made, listed, read, rotated and revoked; the secret is told once", async () => {
    const made = await client.call<CreatedKey>("POST", "/v1/keys", client.admin, {
      name: "ci",
      role: "analyst",
      scopes: ["compute.run"],
    });
    expect(made.status).toBe(201);
    const { secret, ...key } = made.body;
    expect(made.headers.get("location")).toBe(`/v1/keys/${key.id}`);
    expect((await client.call<Key>("GET", `/v1/keys/${key.id}`, client.admin)).body).toEqual(key);
    const list = await client.call<Page<Key>>("GET", "/v1/keys?limit=1", client.admin);
    expect(list.body.items).toEqual([key]);
    expect(JSON.stringify(list.body)).not.toContain(secret);
    expect((await server.post(square, keyed(secret))).status).toBe(200);
    expect(await client.call("GET", "/v1/audit", keyed(secret))).toMatchObject({
      status: 403,
      code: "permission_denied",
    });
    expect((await client.call("GET", "/v1/me", keyed(secret))).status).toBe(200);
    const next = await client.call<CreatedKey>("POST", `/v1/keys/${key.id}/rotate?overlap_seconds=60`, client.admin);
    expect(next.body).toMatchObject({ name: "ci", role: "analyst", scopes: ["compute.run"] });
    for (const one of [secret, next.body.secret])
      expect((await client.call("GET", "/v1/me", keyed(one))).status).toBe(200);
    expect((await client.call("POST", `/v1/keys/${next.body.id}/rotate`, client.admin)).status).toBe(201);
    await until(async () => (await client.call("GET", "/v1/me", keyed(next.body.secret))).status === 401);
    expect((await client.call("DELETE", `/v1/keys/${key.id}`, client.admin)).status).toBe(204);
    expect((await client.call("DELETE", `/v1/keys/${key.id}`, client.admin)).status).toBe(404);
    await until(async () => (await client.call("GET", "/v1/me", keyed(secret))).status === 401);
  });

  it("give no more than their maker has", async () => {
    const scoped = await client.call<CreatedKey>("POST", "/v1/keys", client.admin, {
      name: "maker",
      role: "admin",
      scopes: ["keys.manage", "jobs.read"],
    });
    const make = (body: object) =>
      client.call("POST", "/v1/keys", keyed(scoped.body.secret), { name: "made", ...body });
    expect(await make({ role: "admin" })).toMatchObject({ status: 403, code: "permission_denied" });
    expect(await make({ role: "viewer" })).toMatchObject({ status: 403 });
    expect(await make({ role: "admin", scopes: ["jobs.read"] })).toMatchObject({ status: 201 });
    const adminKey = await client.call<CreatedKey>("POST", "/v1/keys", client.admin, {
      name: "stronger",
      role: "admin",
    });
    expect(await client.call("POST", `/v1/keys/${adminKey.body.id}/rotate`, keyed(scoped.body.secret))).toMatchObject({
      status: 403,
    });
  });

  it("end by their date, which is not in the past", async () => {
    const soon = new Date(Date.now() + 400).toISOString();
    const key = await client.call<CreatedKey>("POST", "/v1/keys", client.admin, {
      name: "brief",
      role: "viewer",
      expires_at: soon,
    });
    expect((await client.call("GET", "/v1/me", keyed(key.body.secret))).status).toBe(200);
    await until(async () => (await client.call("GET", "/v1/me", keyed(key.body.secret))).status === 401);
    for (const expires_at of ["2020-01-01T00:00:00Z", "2099-02-31T99:00:00Z", "tomorrow"]) {
      expect(
        (await client.call("POST", "/v1/keys", client.admin, { name: "x", role: "viewer", expires_at })).status,
      ).toBe(422);
    }
  });
});

describe("users and projects", () => {
  it("passwords are held to their rules", async () => {
    const make = (given: string) =>
      client.call("POST", "/v1/users", client.admin, { username: `rule.${++names}`, password: given, role: "viewer" });
    for (const weak of ["short", "aaaaaaaaaaaaaaaaaa", `rule.${names + 3}!!!!!!!!`]) {
      expect(await make(weak), weak).toMatchObject({ status: 422, code: "weak_password" });
    }
    expect(
      await client.call("POST", "/v1/users", client.admin, {
        username: (await client.newUser()).username,
        role: "viewer",
      }),
    ).toMatchObject({ status: 409, code: "name_taken" });
  });

  it("a user is a member of several projects, with a role in each, and chooses one", async () => {
    const other = await client.newProject();
    const user = await client.newUser("viewer");
    const joined = await client.call<User>("POST", "/v1/users", keyed(other.api_key.secret), {
      user_id: user.id,
      role: "admin",
    });
    expect(joined.body).toMatchObject({ id: user.id, role: "admin", is_local: false });
    const token = await client.logIn(user);
    expect(token.project_id).not.toBe(other.id);
    const there = { ...bearer(token.access_token), "x-project-id": other.id };
    expect((await client.call<Me>("GET", "/v1/me", there)).body).toMatchObject({ project_id: other.id, role: "admin" });
    expect((await client.call<Me>("GET", "/v1/me", bearer(token.access_token))).body).toMatchObject({ role: "viewer" });
    const direct = await client.logIn(user, { project_id: other.id });
    expect((await client.call<Me>("GET", "/v1/me", bearer(direct.access_token))).body).toMatchObject({
      project_id: other.id,
      role: "admin",
    });
    const projects = await client.call<Page<Project>>("GET", "/v1/projects", bearer(token.access_token));
    expect(projects.body.items.map(({ name, role }) => [name, role])).toEqual([
      ["other", "admin"],
      ["default", "viewer"],
    ]);
    // The account stays its home's: the other project may change the role and no more.
    expect(
      await client.call("PATCH", `/v1/users/${user.id}`, keyed(other.api_key.secret), { password: `${password}!` }),
    ).toMatchObject({ status: 403 });
    expect(
      (await client.call("PATCH", `/v1/users/${user.id}`, keyed(other.api_key.secret), { role: "analyst" })).body,
    ).toMatchObject({ role: "analyst" });
    expect((await client.call("DELETE", `/v1/users/${user.id}`, keyed(other.api_key.secret))).status).toBe(204);
    await until(async () => (await client.call("GET", "/v1/me", there)).status === 404);
    expect((await client.call("GET", "/v1/me", bearer(token.access_token))).status).toBe(200);
  });

  it("what is another project's does not exist", async () => {
    const other = await client.newProject();
    const theirs = keyed(other.api_key.secret);
    const user = await client.newUser();
    const key = (await client.call<CreatedKey>("POST", "/v1/keys", client.admin, { name: "ours", role: "viewer" }))
      .body;
    for (const [method, path, body] of [
      ["GET", `/v1/keys/${key.id}`],
      ["DELETE", `/v1/keys/${key.id}`],
      ["POST", `/v1/keys/${key.id}/rotate`],
      ["GET", `/v1/users/${user.id}`],
      ["PATCH", `/v1/users/${user.id}`, { role: "viewer" }],
      ["DELETE", `/v1/users/${user.id}`],
    ] as const) {
      expect(await client.call(method, path, theirs, body), `${method} ${path}`).toMatchObject({
        status: 404,
        code: "not_found",
      });
    }
    expect((await client.call<Page<User>>("GET", "/v1/users", theirs)).body.items).toEqual([]);
    expect((await client.call<Page<Key>>("GET", "/v1/keys", theirs)).body.items.map(({ id }) => id)).toEqual([
      other.api_key.id,
    ]);
    expect((await client.call<Page<Project>>("GET", "/v1/projects", theirs)).body.items.map(({ id }) => id)).toEqual([
      other.id,
    ]);
    expect(await client.call("POST", "/v1/projects", theirs, { name: "more" })).toMatchObject({ status: 403 });
    expect(await client.call("GET", "/v1/me", { ...client.admin, "x-project-id": other.id })).toMatchObject({
      status: 404,
    });
    const { access_token } = await client.logIn(user);
    for (const id of [other.id, "prj_x", ""]) {
      expect(await client.call("GET", "/v1/me", { ...bearer(access_token), "x-project-id": id })).toMatchObject({
        status: 404,
      });
    }
    expect(
      await client.call(
        "POST",
        "/v1/auth/token",
        {},
        { grant_type: "password", username: user.username, password, project_id: other.id },
      ),
    ).toMatchObject({ status: 404 });
  });
});
