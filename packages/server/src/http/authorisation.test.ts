import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CreatedKey, CreatedProject, User } from "@tda-platform/contract/access-schemas";
import type { IdPrefix } from "@tda-platform/contract/identifiers";
import type { Token } from "@tda-platform/contract/identity-schemas";
import { OPERATION_IDS, type OperationId, operation } from "@tda-platform/contract/operations";
import { isAllowed, ROLES, type Role } from "@tda-platform/contract/permissions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, forgedTokens, signed } from "../../test/support/forged-tokens.ts";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";
import { newId } from "../internal/ids.ts";

/** Every operation that asks for credentials, as the contract has them now: a new one is held to the same. */
const SECURED = OPERATION_IDS.filter((id) => operation(id).permission !== null);
const password = "correct horse battery staple";
const square = {
  points: [
    [0, 0],
    [1, 0],
  ],
};

type Headers = Readonly<Record<string, string>>;

let bed: TestBed;
let server: TestServer;
let foreign: CreatedProject;
/** What exists in the foreign project, by the prefix of its identifier. */
const foreignThings = new Map<string, string>();
const credentials = new Map<Role, { key: Headers; token: Headers }>();
let good: { token: string; user: User };

beforeAll(async () => {
  bed = await TestBed.open();
  server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_METRICS_REQUIRE_KEY: "true" } });
  const admin = { "x-api-key": server.apiKey };
  for (const role of ROLES) {
    const key = await made<CreatedKey>("/v1/keys", admin, { name: role, role });
    const { token } = await newToken(`the.${role}`, role);
    credentials.set(role, { key: { "x-api-key": key.secret }, token: bearer(token) });
  }
  good = await newToken("good", "admin");
  foreign = await made<CreatedProject>("/v1/projects", admin, { name: "foreign" });
  const theirs = { "x-api-key": foreign.api_key.secret };
  foreignThings.set("key", foreign.api_key.id);
  foreignThings.set("usr", (await made<User>("/v1/users", theirs, { username: "foreigner", role: "viewer" })).id);
  const job = await made<{ job_id: string }>("/v1/jobs/compute", theirs, { algorithm: "vietoris-rips", input: square });
  foreignThings.set("job", job.job_id);
  foreignThings.set("prj", foreign.id);
  const dataset = await server.post("0,1\n", { ...theirs, "content-type": "text/csv" }, "/v1/datasets");
  foreignThings.set("ds", ((await dataset.json()) as { id: string }).id);
  const tus = { ...theirs, "tus-resumable": "1.0.0", "upload-length": "10" };
  const upload = await fetch(`${server.url}/v1/uploads`, { method: "POST", headers: tus });
  foreignThings.set("upl", upload.headers.get("location")!.split("/").at(-1)!);
});
afterAll(() => bed.end());

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

async function made<Body>(path: string, headers: Headers, body: unknown): Promise<Body> {
  const answer = await server.post(body, headers, path);
  expect([201, 202], path).toContain(answer.status);
  return (await answer.json()) as Body;
}

async function newToken(username: string, role: Role): Promise<{ token: string; refresh: string; user: User }> {
  const user = await made<User>("/v1/users", { "x-api-key": server.apiKey }, { username, password, role });
  const answer = await server.post({ grant_type: "password", username, password }, {}, "/v1/auth/token");
  const token = (await answer.json()) as Token;
  return { token: token.access_token, refresh: token.refresh_token!, user };
}

/** An operation's path, with identifiers of what nobody has, or of what the foreign project has. */
function pathOf(id: OperationId, idOf: (prefix: IdPrefix) => string): string {
  const { path, request } = operation(id);
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const pattern = String(request?.path?.[name]?.pattern ?? "");
    return idOf((/^\^([a-z]+)_/.exec(pattern)?.[1] ?? "key") as IdPrefix);
  });
}

async function ask(id: OperationId, headers: Headers, idOf: (prefix: IdPrefix) => string = newId) {
  const { method, tag } = operation(id);
  // A body that no operation takes for work: what is asked here is who may.
  const body = method === "GET" || method === "HEAD" || method === "DELETE" ? null : "{}";
  const protocol: Headers = tag === "Uploads" ? { "tus-resumable": "1.0.0", "upload-offset": "0" } : {};
  const type = Object.keys(operation(id).request?.bodies ?? {})[0] ?? "application/json";
  const response = await fetch(server.url + pathOf(id, idOf), {
    method,
    headers: { ...(body === null ? {} : { "content-type": type }), ...protocol, ...headers },
    body,
  });
  const text = await response.text();
  // An answer to HEAD has no body that could name the problem.
  if (method === "HEAD") return { status: response.status, code: null };
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  return { status: response.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : null };
}

/** An answer's status and problem; one to HEAD has no body that could name it. */
const problemOf = (id: OperationId, status: number, code: string) => ({
  status,
  code: operation(id).method === "HEAD" ? null : code,
});

describe.each(ROLES)("%s", (role) => {
  it.each(SECURED)("may do %s, or may not, as the contract says", async (id) => {
    const { permission } = operation(id);
    for (const headers of Object.values(credentials.get(role)!)) {
      const answer = await ask(id, headers);
      expect(answer.status).toBeLessThan(500);
      if (isAllowed(role, permission!)) expect([401, 403], answer.code ?? "").not.toContain(answer.status);
      else expect(answer).toEqual(problemOf(id, 403, "permission_denied"));
    }
  });

  it.each(SECURED)("finds nothing of another project by %s", async (id) => {
    const { permission, path } = operation(id);
    const { key, token } = credentials.get(role)!;
    for (const headers of [key, token]) {
      // To enter the project is not possible, whatever one may do in one's own.
      expect(await ask(id, { ...headers, "x-project-id": foreign.id })).toEqual(problemOf(id, 404, "not_found"));
      if (!path.includes("{") || path.startsWith("/v1/projects/")) continue;
      const answer = await ask(id, headers, (prefix) => foreignThings.get(prefix) ?? newId(prefix));
      if (!isAllowed(role, permission!)) expect(answer).toEqual(problemOf(id, 403, "permission_denied"));
      else if (operation(id).method === "PATCH") expect([404, 422]).toContain(answer.status);
      else expect(answer).toEqual(problemOf(id, 404, "not_found"));
    }
  });
});

describe("credentials that are none", () => {
  it.each(SECURED)("open nothing: %s", async (id) => {
    const { header, claims } = decode(good.token);
    const key = createPrivateKey(readFileSync(bed.signingKeyFile));
    expect((await ask("me.read", bearer(signed(header, { ...claims, jti: id }, key)))).status).toBe(200);
    for (const [what, token] of forgedTokens({ header, claims }, key)) {
      expect(await ask(id, bearer(token)), what).toEqual(problemOf(id, 401, "invalid_token"));
    }
    const others: [Headers, string][] = [
      [{}, "authentication_required"],
      [{ "x-api-key": "" }, "authentication_required"],
      [{ "x-api-key": "tda_x" }, "invalid_api_key"],
      [{ "x-api-key": server.apiKey.replace(/.$/, (last) => (last === "a" ? "b" : "a")) }, "invalid_api_key"],
      [{ "x-api-key": good.token }, "invalid_api_key"],
      [{ authorization: "Bearer" }, "invalid_token"],
      [{ authorization: "Bearer  " }, "invalid_token"],
      [{ authorization: `Basic ${Buffer.from("a:b").toString("base64")}` }, "invalid_token"],
      [{ authorization: `Bearer ${server.apiKey}` }, "invalid_token"],
      [{ authorization: "Bearer x", "x-api-key": server.apiKey }, "invalid_token"],
    ];
    for (const [headers, code] of others) expect(await ask(id, headers)).toEqual(problemOf(id, 401, code));
  });

  it.each(SECURED)("nor do those that were good once: %s", async (id) => {
    for (const headers of await spent()) expect((await ask(id, headers)).status).toBe(401);
  });
});

let spentOnes: Promise<readonly Headers[]> | null = null;

/** A revoked key, an expired one, tokens of an ended session, of a removed user, and a refresh token in the wrong place. */
function spent(): Promise<readonly Headers[]> {
  spentOnes ??= (async () => {
    const admin = { "x-api-key": server.apiKey };
    const revoked = await made<CreatedKey>("/v1/keys", admin, { name: "revoked", role: "admin" });
    const soon = new Date(Date.now() + 300).toISOString();
    const expired = await made<CreatedKey>("/v1/keys", admin, { name: "expired", role: "admin", expires_at: soon });
    const ended = await newToken("ended", "admin");
    const removed = await newToken("removed", "admin");
    const ofKey = (await (
      await server.post({ grant_type: "client_credentials", client_secret: revoked.secret }, {}, "/v1/auth/token")
    ).json()) as Token;
    await fetch(`${server.url}/v1/keys/${revoked.id}`, { method: "DELETE", headers: admin });
    await server.post({ token: ended.refresh }, {}, "/v1/auth/revoke");
    await fetch(`${server.url}/v1/users/${removed.user.id}`, { method: "DELETE", headers: admin });
    const all: Headers[] = [
      { "x-api-key": revoked.secret },
      { "x-api-key": expired.secret },
      bearer(ended.token),
      bearer(removed.token),
      bearer(ofKey.access_token),
      bearer(ended.refresh),
    ];
    for (const headers of all) await until(async () => (await ask("me.read", headers)).status === 401);
    return all;
  })();
  return spentOnes;
}
