import type { CreatedKey } from "@tda-platform/contract/access-schemas";
import type { AuditEntry } from "@tda-platform/contract/audit-schemas";
import type { Me } from "@tda-platform/contract/identity-schemas";
import type { Page } from "@tda-platform/contract/pages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AccessClient,
  bearer,
  type Headers,
  keyed,
  openAccess,
  square,
} from "../../test/support/access-client.ts";
import { type TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

let bed: TestBed;
let server: TestServer;
let client: AccessClient;
beforeAll(async () => {
  ({ bed, server, client } = await openAccess());
});
afterAll(() => bed.end());

describe("the audit log", () => {
  const rows = async (query: string, headers = client.admin) =>
    (await client.call<Page<AuditEntry>>("GET", `/v1/audit?${query}`, headers)).body.items;

  it("has who did what, when and from where, at once with the change", async () => {
    const id = `audit-${Date.now()}`;
    const key = await client.call<CreatedKey>(
      "POST",
      "/v1/keys",
      { ...client.admin, "x-request-id": id },
      { name: "audited", role: "viewer" },
    );
    const [row, ...more] = await rows(`request_id=${id}`);
    expect(more).toEqual([]);
    const me = (await client.call<Me>("GET", "/v1/me", client.admin)).body;
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
    const user = await client.newUser("viewer");
    const { access_token } = await client.logIn(user);
    const login = await rows(`operation=auth.token&actor_id=${user.id}`);
    expect(login).toMatchObject([{ actor_kind: "user", outcome: "succeeded", status: 200 }]);
    const id = `compute-${Date.now()}`;
    for (const headers of [client.admin, bearer(access_token), keyed("x"), {}] as Headers[])
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

  it("names what was created", async () => {
    const id = `created-${Date.now()}`;
    const headers = { ...client.admin, "x-request-id": id, "content-type": "text/csv" };
    const dataset = (await (await server.post("0,1\n", headers, "/v1/datasets")).json()) as { id: string };
    const found = await until(async () => {
      const some = await rows(`request_id=${id}`);
      return some.length > 0 && some;
    });
    expect(found).toMatchObject([{ operation: "dataset.create", target: dataset.id, outcome: "succeeded" }]);
  });

  it("has reading only where it was refused", async () => {
    const id = `read-${Date.now()}`;
    await client.call("GET", "/v1/keys", { ...client.admin, "x-request-id": id });
    await client.call("GET", "/v1/keys", { "x-request-id": id });
    const found = await until(async () => {
      const some = await rows(`request_id=${id}`);
      return some.length > 0 && some;
    });
    expect(found).toMatchObject([{ operation: "key.list", outcome: "refused" }]);
  });

  it("is the project's own, paged and filtered; and comes as a file", async () => {
    const other = await client.newProject();
    const theirs = keyed(other.api_key.secret);
    for (let i = 0; i < 3; i++) await client.call("POST", "/v1/keys", theirs, { name: `${i}`, role: "viewer" });
    const first = await client.call<Page<AuditEntry>>("GET", "/v1/audit?limit=2", theirs);
    const second = await client.call<Page<AuditEntry>>(
      "GET",
      `/v1/audit?limit=2&cursor=${first.body.next_cursor}`,
      theirs,
    );
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
    expect(await client.call("GET", "/v1/audit?from=2024-13-45T00:00:00Z", theirs)).toMatchObject({ status: 422 });
  });
});
