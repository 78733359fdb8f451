import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestBed, until } from "../../../../test/support/test-bed.ts";
import { Eraser, type EraserOptions } from "../../../domain/erasure/eraser.ts";
import { newId } from "../../../internal/ids.ts";
import { FolderBlobStore } from "../../blobs/folder-store.ts";
import { hashApiKey, newApiKey } from "../api-key.ts";
import { computation, silent } from "../testing/records.ts";

let bed: TestBed;
let blobs: FolderBlobStore;
beforeAll(async () => {
  bed = await TestBed.open();
  blobs = await FolderBlobStore.open(bed.blobDir);
});
afterAll(() => bed.end());

const TABLES_OF_PROJECTS = [
  "api_keys",
  "audit_log",
  "blobs",
  "computations",
  "datasets",
  "idempotency_keys",
  "job_inputs",
  "jobs",
  "memberships",
  "outbox",
  "projects",
  "sessions",
  "tickets",
  "upload_parts",
  "uploads",
  "usage_hours",
  "users",
  "webhook_deliveries",
  "webhook_secrets",
];

interface Seeded {
  readonly id: string;
  readonly apiKey: string;
  /** One that no server remembers. */
  readonly unusedKey: string;
}

async function makeKey(projectId: string): Promise<string> {
  const apiKey = newApiKey();
  await bed.rows(
    "insert into tda.api_keys (id, project_id, name, prefix, secret_sha256, role) values ($1, $2, 'k', $3, $4, 'admin')",
    [newId("key"), projectId, apiKey.slice(4, 12), hashApiKey(apiKey)],
  );
  return apiKey;
}

/** A project with rows wherever there can be some. */
async function seedProject(name: string): Promise<Seeded> {
  const id = newId("prj");
  await bed.rows("insert into tda.projects (id, name, cache_key) values ($1, $2, $3)", [id, name, randomBytes(32)]);
  const [apiKey, unusedKey] = [await makeKey(id), await makeKey(id)];
  for (let i = 0; i < 3; i++) await bed.database.computations.record(computation(id));
  await useProject(apiKey);
  await bed.database.webhookSecrets.signing(id);
  await bed.database.idempotency.begin({ projectId: id, operation: "job.create", key: "again" }, null);
  await bed.rows(
    `insert into tda.webhook_deliveries (project_id, id, job_id, type, url, host, body)
     values ($1, $2, $3, 'job.failed', 'https://hook.invalid/', 'hook.invalid', '{}')`,
    [id, newId("dlv"), newId("job")],
  );
  return { id, apiKey, unusedKey };
}

/** A job of the project, which waits since no worker runs; a user who is logged in; and what the audit log has of it. */
async function useProject(apiKey: string): Promise<void> {
  const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
  const made = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await server.post(body, { "x-api-key": apiKey, "idempotency-key": path }, path);
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return (await answer.json()) as Record<string, unknown>;
  };
  const input = { points: [[0], [Math.random()]] };
  await made("/v1/jobs/compute", { algorithm: "vietoris-rips", input, callback_url: "https://hook.invalid/" });
  const user = { username: `u${newId("usr").slice(-12)}`, password: "correct horse battery staple" };
  await made("/v1/users", { ...user, role: "analyst" });
  await made("/v1/auth/token", { grant_type: "password", ...user });
  await made("/v1/tickets", { path: "/v1/jobs" });
  const send = async (method: string, path: string, headers: Record<string, string>, body: string | null = null) => {
    const answer = await fetch(server.url + path, { method, headers: { "x-api-key": apiKey, ...headers }, body });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return answer;
  };
  await send("POST", "/v1/datasets", { "content-type": "text/csv" }, "0,0\n1,0\n");
  const tus = { "tus-resumable": "1.0.0" };
  const upload = await send("POST", "/v1/uploads", {
    ...tus,
    "upload-length": "100",
    "upload-metadata": `filename ${btoa("x.csv")}`,
  });
  const part = { ...tus, "upload-offset": "0", "content-type": "application/offset+octet-stream" };
  await send("PATCH", upload.headers.get("location")!, part, "0,0\n1,0\n");
  await bed.endServers();
  // Written shortly after the answer.
  const [{ id } = { id: "" }] = await bed.rows<{ id: string }>(
    "select project_id as id from tda.users where username = $1",
    [user.username],
  );
  const text = "select from tda.audit_log where project_id = $1 and operation = 'upload.append'";
  await until(async () => (await bed.rows(text, [id])).length === 1);
}

/** Every row of every table as text, by table, but the records of erasures. */
async function everything(): Promise<Map<string, string[]>> {
  const tables = await bed.rows<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'tda'::regnamespace and relkind in ('r', 'p') and not relispartition",
  );
  const found = new Map<string, string[]>();
  for (const { name } of tables.filter(({ name }) => name !== "erasures")) {
    // Times of use are written now and then, whatever happens otherwise.
    const row = name === "api_keys" ? "(to_jsonb(t) - 'last_used_at')::text" : "t::text";
    const rows = await bed.rows<{ row: string }>(`select ${row} as row from tda.${name} t`);
    found.set(name, rows.map(({ row }) => row).sort());
  }
  return found;
}

function of(all: Map<string, string[]>, projectId: string): Record<string, string[]> {
  const rows = [...all].map(([table, list]) => [table, list.filter((row) => row.includes(projectId))] as const);
  return Object.fromEntries(rows.filter(([, list]) => list.length > 0));
}

function eraser(more: Partial<EraserOptions> = {}): Eraser {
  return new Eraser({
    store: bed.database.erasureStore,
    deleteBlob: (projectId, id) => blobs.delete({ projectId, id }),
    forgetCached: async () => undefined,
    logger: silent,
    closedForMs: 0,
    lateSweepMs: 3_600_000,
    pollMs: 5,
    ...more,
  });
}

async function runUntilErased(one: Eraser, id: string): Promise<void> {
  one.start();
  await until(async () => (await bed.database.erasures.read(id))?.state === "erased");
  await one.stop();
}

let erased: Seeded;
let other: Seeded;
beforeEach(async () => {
  erased = await seedProject("to be erased");
  other = await seedProject("another");
});

async function request(): Promise<string> {
  const outcome = await bed.database.erasures.request(erased.id, "to be erased", "key_of_operator");
  return outcome.kind === "erasure" ? outcome.erasure.id : expect.unreachable(outcome.kind);
}

describe("an erasure", () => {
  it("leaves nothing of the project but its record, and the other project as it was", async () => {
    const before = of(await everything(), other.id);
    // A table that no row comes into here is not tried: add what makes one.
    expect(Object.keys(before).sort()).toEqual(TABLES_OF_PROJECTS);
    expect(await readdir(bed.blobDir)).toEqual(expect.arrayContaining([erased.id, other.id]));
    const id = await request();
    await runUntilErased(eraser(), id);
    expect(await readdir(bed.blobDir)).not.toContain(erased.id);
    expect(await readdir(join(bed.blobDir, other.id))).toHaveLength(2);
    const after = await everything();
    expect(of(after, erased.id)).toEqual({});
    expect(of(after, other.id)).toEqual(before);
    const record = await bed.database.erasures.read(id);
    expect(record).toMatchObject({ project_id: erased.id, error: null });
    expect(record?.rows_deleted).toBeGreaterThan(Object.keys(before).length);
    expect(JSON.stringify(record)).not.toContain("to be erased");
    expect(await bed.database.apiKeys.authenticate(other.apiKey)).not.toBeNull();
  });

  it("refuses the project's keys before anything is deleted", async () => {
    const id = await request();
    const one = eraser({ closedForMs: 60_000 });
    one.start();
    await until(async () => (await bed.database.erasures.read(id))?.state === "closed");
    await one.stop();
    expect(await bed.database.apiKeys.authenticate(erased.unusedKey)).toBeNull();
    expect(Object.keys(of(await everything(), erased.id))).toContain("computations");
    await bed.rows("update tda.erasures set next_attempt_at = now()");
    await runUntilErased(eraser(), id);
  });

  it("cancels the project's jobs, and no other's", async () => {
    const id = await request();
    const one = eraser({ closedForMs: 60_000 });
    one.start();
    const statusOf = async (projectId: string) =>
      (await bed.rows<{ status: string }>("select status from tda.jobs where project_id = $1", [projectId])).map(
        ({ status }) => status,
      );
    await until(async () => (await statusOf(erased.id))[0] === "cancelled");
    expect(await statusOf(other.id)).toEqual(["queued"]);
    await one.stop();
    await bed.rows("update tda.erasures set next_attempt_at = now()");
    await runUntilErased(eraser(), id);
  });

  it("goes on where a process that died left it", async () => {
    const id = await request();
    let steps = 0;
    const { erasureStore } = bed.database;
    const dying: EraserOptions["store"] = Object.assign(Object.create(erasureStore) as typeof erasureStore, {
      claim: erasureStore.claim.bind(erasureStore),
      closeCredentials: erasureStore.closeCredentials.bind(erasureStore),
      cancelJobs: erasureStore.cancelJobs.bind(erasureStore),
      progress: erasureStore.progress.bind(erasureStore),
      deleteRows: async (projectId: string) => {
        if (++steps > 2) throw new Error("the process died");
        return await erasureStore.deleteRows(projectId, 1);
      },
    });
    const first = eraser({ store: dying });
    first.start();
    await until(async () => (await bed.database.erasures.read(id))?.error === "Error");
    await first.stop();
    expect((await bed.database.erasures.read(id))?.state).toBe("drained");
    await bed.rows("update tda.erasures set next_attempt_at = now()");
    await runUntilErased(eraser(), id);
    expect(of(await everything(), erased.id)).toEqual({});
  });

  it("is done by one of several at a time", async () => {
    const id = await request();
    const several = Array.from({ length: 4 }, () => eraser());
    await Promise.all(several.map((one) => runUntilErased(one, id)));
    expect(of(await everything(), erased.id)).toEqual({});
  });

  it("deletes once more later what a request wrote that had begun before", async () => {
    const id = await request();
    await runUntilErased(eraser(), id);
    await bed.database.computations.record(computation(erased.id));
    expect(Object.keys(of(await everything(), erased.id))).toEqual(["computations", "outbox"]);
    const late = eraser({ lateSweepMs: 0 });
    await bed.rows("update tda.erasures set next_attempt_at = now() where swept_at is null");
    while (await late.step());
    expect(of(await everything(), erased.id)).toEqual({});
    expect(await late.step()).toBe(false);
  });

  it("deletes in batches, whatever the number of rows", async () => {
    await bed.rows(
      `insert into tda.computations select 'cmp_' || n, $1, 'p', 'r', 'vietoris-rips', 'succeeded', null, sha256(''), '{}', null, 'native', '1', now(), now()
       from generate_series(1, 2500) n`,
      [erased.id],
    );
    const id = await request();
    await runUntilErased(eraser(), id);
    expect((await bed.database.erasures.read(id))?.rows_deleted).toBeGreaterThan(2_500);
    expect(of(await everything(), erased.id)).toEqual({});
  });
});

describe("the request", () => {
  it("wants the project's name, and asking again finds the same erasure, also when it is done", async () => {
    const { erasures, defaultProjectId } = bed.database;
    expect((await erasures.request(erased.id, "another", "me")).kind).toBe("other_name");
    expect((await erasures.request(newId("prj"), "to be erased", "me")).kind).toBe("no_project");
    expect((await erasures.request(defaultProjectId, "default", "me")).kind).toBe("default_project");
    const id = await request();
    expect(await request()).toBe(id);
    await runUntilErased(eraser(), id);
    expect(await request()).toBe(id);
  });

  it("goes by HTTP, from the default project", async () => {
    const server = await bed.server();
    const erase = (id: string, body: unknown) =>
      fetch(`${server.url}/v1/projects/${id}`, {
        method: "DELETE",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
    expect(await codeOf(await erase(erased.id, { confirm_name: "other" }))).toEqual([422, "confirmation_mismatch"]);
    expect(await codeOf(await erase(erased.id, {}))).toEqual([422, "validation_failed"]);
    expect(await codeOf(await erase(newId("prj"), { confirm_name: "x" }))).toEqual([404, "not_found"]);
    const own = await erase(bed.database.defaultProjectId, { confirm_name: "default" });
    expect(await codeOf(own)).toEqual([409, "default_project"]);
    const answer = await erase(erased.id, { confirm_name: "to be erased" });
    const { id } = (await answer.json()) as { id: string };
    expect([answer.status, answer.headers.get("location")]).toEqual([202, `/v1/erasures/${id}`]);
    await runUntilErased(eraser(), id);
    expect(await (await server.get(`/v1/erasures/${id}`)).json()).toMatchObject({ id, state: "erased" });
    const { items } = (await (await server.get("/v1/erasures?limit=1")).json()) as { items: { id: string }[] };
    expect(items.map((one) => one.id)).toEqual([id]);
    await bed.endServers();
  });

  it("is refused to administrators of other projects", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    const answer = await fetch(`${server.url}/v1/projects/${erased.id}`, {
      method: "DELETE",
      headers: { "content-type": "application/json", "x-api-key": other.apiKey },
      body: JSON.stringify({ confirm_name: "to be erased" }),
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, "permission_denied"]);
    await bed.endServers();
  });
});
