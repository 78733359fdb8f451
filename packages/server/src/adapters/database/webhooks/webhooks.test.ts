import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Delivery } from "@tda-platform/contract/webhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestBed, type TestServer, until } from "../../../../test/support/test-bed.ts";
import { Keyring, type MasterKey } from "../../../domain/storage/keyring.ts";
import { valueSealer } from "../../../domain/storage/value-sealer.ts";
import { Deliverer, type DelivererOptions } from "../../../domain/webhooks/deliverer.ts";
import { signatureHeaders } from "../../../domain/webhooks/signature.ts";
import { newId } from "../../../internal/ids.ts";
import { silent } from "../testing/records.ts";
import { PostgresWebhookSecrets } from "./webhook-secrets.ts";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let bed: TestBed;
let server: TestServer;
let projectId: string;
beforeAll(async () => {
  bed = await TestBed.open();
  projectId = bed.database.defaultProjectId;
});
afterAll(() => bed.end());

const hooks: Server[] = [];
const deliverers: Deliverer[] = [];
beforeEach(async () => {
  await bed.rows("delete from tda.webhook_deliveries");
  server = await bed.server();
});
afterEach(async () => {
  for (const one of deliverers.splice(0)) await one.stop();
  for (const one of hooks.splice(0)) {
    one.closeAllConnections();
    one.close();
  }
  await bed.endServers();
});

/** A receiver; answers 204 unless told. */
async function hook(
  answer: (response: ServerResponse, count: number) => void = (response) => response.writeHead(204).end(),
) {
  const received: Received[] = [];
  const listening = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
      answer(response, received.length);
    });
  }).listen(0, "127.0.0.1");
  hooks.push(listening);
  await once(listening, "listening");
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/hook`, received };
}

async function due(url: string, ofProject = projectId): Promise<string> {
  const id = newId("dlv");
  await bed.rows(
    `insert into tda.webhook_deliveries (project_id, id, job_id, type, url, host, body)
     values ($1, $2, $3, 'job.completed', $4, $5, '{"type":"job.completed"}')`,
    [ofProject, id, newId("job"), url, new URL(url).host],
  );
  return id;
}

function deliver(more: Partial<DelivererOptions> = {}): Deliverer {
  const one = new Deliverer({
    queue: bed.database.deliveryQueue,
    secrets: bed.database.webhookSecrets,
    policy: { addresses: "private-too", allowsHttp: true },
    concurrency: 16,
    maxAttempts: 3,
    timeoutMs: 2_000,
    retentionDays: 30,
    version: "1.2.3",
    logger: silent,
    waitMs: () => 0,
    pollMs: 5,
    ...more,
  });
  deliverers.push(one);
  one.start();
  return one;
}

async function list(query = ""): Promise<Delivery[]> {
  return ((await (await server.get(`/v1/webhooks/deliveries${query}`)).json()) as { items: Delivery[] }).items;
}

const ended = (id: string): Promise<Delivery> =>
  until(async () => (await list()).find((one) => one.id === id && one.status !== "pending"));

const verifies = ({ headers, body }: Received, secret: string): boolean => {
  const id = String(headers["webhook-id"]);
  const timestampSeconds = Number(headers["webhook-timestamp"]);
  const expected = signatureHeaders({ id, timestampSeconds, body }, [secret])["webhook-signature"]!;
  return String(headers["webhook-signature"]).split(" ").includes(expected);
};

async function submit(url: string, input: object): Promise<string> {
  const job = { algorithm: "vietoris-rips", input, callback_url: url };
  return ((await (await server.post(job, {}, "/v1/jobs/compute")).json()) as { job_id: string }).job_id;
}

describe("the end of a job", () => {
  const points = () => [
    [0, 0],
    [1, 0],
    [Math.random(), 1],
  ];

  it("is told, whether the job succeeded, failed or was cancelled", async () => {
    const { url, received } = await hook();
    const cancelled = await submit(url, { points: points() });
    await server.post("", {}, `/v1/jobs/${cancelled}/cancel`);
    bed.worker();
    const succeeded = await submit(url, { points: points() });
    const failed = await submit(url, {
      points: Array.from({ length: 400 }, points).flat(),
      max_dimension: 2,
      memory_limit_bytes: 1_048_576,
    });
    deliver();
    await until(() => received.length === 3);
    const told = received.map(
      ({ body }) => JSON.parse(body) as { type: string; timestamp: string; data: Record<string, unknown> },
    );
    const of = (id: string) => told.find(({ data }) => data.job_id === id);
    expect(of(succeeded)).toMatchObject({
      type: "job.completed",
      data: { status: "succeeded", attempt: 1, error: null, result_path: `/v1/jobs/${succeeded}/result` },
    });
    expect(of(failed)).toMatchObject({ type: "job.failed", data: { status: "failed", result_path: null } });
    expect(of(failed)?.data.error).toMatch(/^[a-z_]+$/);
    expect(of(cancelled)).toMatchObject({ type: "job.cancelled", data: { status: "cancelled", attempt: 0 } });
    const job = (await (await server.get(`/v1/jobs/${succeeded}`)).json()) as Record<string, unknown>;
    for (const name of ["created_at", "started_at", "finished_at"]) expect(of(succeeded)?.data[name]).toBe(job[name]);
    expect(of(succeeded)?.timestamp).toBe(job.finished_at);
  });

  it("is told once, however many look for it, and not at all without a callback_url", async () => {
    const { url } = await hook();
    await server.post({ algorithm: "vietoris-rips", input: { points: points() } }, {}, "/v1/jobs/compute");
    const ids = await Promise.all(Array.from({ length: 20 }, () => submit(url, { points: points() })));
    await bed.rows("update tda.jobs set status = 'cancelled', finished_at = now() where status = 'queued'");
    const { deliveryQueue } = bed.database;
    const counts = await Promise.all(Array.from({ length: 4 }, () => deliveryQueue.queueEndedJobs(7)));
    counts.push(await deliveryQueue.queueEndedJobs(100));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ids.length);
    expect((await list("?limit=200")).map(({ job_id }) => job_id).sort()).toEqual([...ids].sort());
    expect((await list("?limit=1"))[0]).toMatchObject({ type: "job.cancelled", url, status: "pending" });
  });

  it("is told again when a job is redriven and ends again", async () => {
    const { url, received } = await hook();
    const id = await submit(url, { points: points() });
    await server.post("", {}, `/v1/jobs/${id}/cancel`);
    deliver();
    await until(() => received.length === 1);
    bed.worker();
    expect((await server.post("", {}, `/v1/jobs/${id}/redrive`)).status).toBeLessThan(300);
    await until(() => received.length === 2);
    expect(JSON.parse(received[1]!.body)).toMatchObject({ type: "job.completed", data: { job_id: id } });
  });
});

describe("a delivery", () => {
  it("is posted once, signed with the project's secret", async () => {
    const { url, received } = await hook();
    const id = await due(url);
    deliver();
    expect(await ended(id)).toMatchObject({ status: "delivered", attempts: 1, response_status: 204, error: null });
    expect(received).toHaveLength(1);
    const [only] = received as [Received];
    expect(only.body).toBe('{"type":"job.completed"}');
    expect(only.headers).toMatchObject({ "webhook-id": id, "content-type": "application/json" });
    expect(Math.abs(Number(only.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
    const [secret] = await bed.database.webhookSecrets.list(projectId);
    expect(verifies(only, secret!.secret)).toBe(true);
    expect(verifies({ ...only, body: `${only.body} ` }, secret!.secret)).toBe(false);
  });

  it("is tried again with the same id until it is taken", async () => {
    const { url, received } = await hook((response, count) => response.writeHead(count < 3 ? 503 : 200).end());
    const id = await due(url);
    deliver();
    expect(await ended(id)).toMatchObject({ status: "delivered", attempts: 3, response_status: 200 });
    expect(new Set(received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([id]));
  });

  it("is dead after its last attempt, and lives again when it is redriven", async () => {
    let isRefusing = true;
    const { url, received } = await hook((response) => response.writeHead(isRefusing ? 500 : 200).end("secret answer"));
    const id = await due(url);
    const ends: string[] = [];
    deliver({ onAttempt: (end) => ends.push(end) });
    const dead = await ended(id);
    expect(dead).toMatchObject({ status: "dead", attempts: 3, response_status: 500, error: "status_refused" });
    expect(JSON.stringify(dead)).not.toContain("secret answer");
    isRefusing = false;
    const answer = await server.post("", {}, `/v1/webhooks/deliveries/${id}/redrive`);
    expect([answer.status, await answer.json()]).toMatchObject([202, { id, status: "pending" }]);
    expect(await ended(id)).toMatchObject({ status: "delivered", attempts: 4 });
    expect(received).toHaveLength(4);
    await until(() => ends.length === 4);
    expect(ends).toEqual(["retried", "retried", "dead", "delivered"]);
  });

  it.each([
    ["410, which says never again", 410, 1],
    ["a redirect, which is not followed", 307, 3],
  ])("is not taken by %s", async (_, status, attempts) => {
    const target = await hook();
    const { url } = await hook((response) => response.writeHead(status, { location: target.url }).end());
    const id = await due(url);
    deliver();
    expect(await ended(id)).toMatchObject({ status: "dead", attempts, response_status: status });
    expect(target.received).toEqual([]);
  });

  it.each(["http://127.0.0.1:9/", "http://localhost:9/", "http://169.254.169.254/latest/", "http://[::1]:9/"])(
    "to %s is refused without the setting",
    async (url) => {
      const id = await due(url);
      deliver({ policy: { addresses: "public", allowsHttp: true }, maxAttempts: 1 });
      expect(await ended(id)).toMatchObject({ status: "dead", error: "address_not_allowed", response_status: null });
    },
  );

  it("over http is refused without the setting", async () => {
    const { url, received } = await hook();
    const id = await due(url);
    deliver({ policy: { addresses: "private-too", allowsHttp: false } });
    expect(await ended(id)).toMatchObject({ status: "dead", error: "url_not_allowed", attempts: 1 });
    expect(received).toEqual([]);
  });

  it("that gets no answer in time has failed", async () => {
    const { url } = await hook(() => undefined);
    const id = await due(url);
    deliver({ timeoutMs: 100, maxAttempts: 1 });
    expect(await ended(id)).toMatchObject({ status: "dead", error: "timeout" });
  });

  it("waits as the host asks", async () => {
    const { url } = await hook((response) => response.writeHead(429, { "retry-after": "3600" }).end());
    const id = await due(url);
    const asked: (number | null)[] = [];
    const waitMs: DelivererOptions["waitMs"] = (_failures, askedMs) => {
      asked.push(askedMs);
      return 3_600_000;
    };
    deliver({ waitMs });
    await until(() => asked.length > 0);
    const delivery = await until(async () => (await list()).find((one) => one.error !== null));
    expect([asked, delivery.id, delivery.status]).toEqual([[3_600_000], id, "pending"]);
    expect(Date.parse(delivery.next_attempt_at!) - Date.now()).toBeGreaterThan(3_000_000);
  });
});

describe("deliverers", () => {
  it("share the work, each delivery once", async () => {
    const { url, received } = await hook();
    const ids = await Promise.all(Array.from({ length: 60 }, () => due(url)));
    for (let i = 0; i < 3; i++) deliver();
    await until(async () => (await list("?status=delivered&limit=200")).length === ids.length);
    expect(received.map(({ headers }) => headers["webhook-id"]).sort()).toEqual([...ids].sort());
  });

  it("take a delivery over from one that died when its lease ends, and no sooner", async () => {
    const { url, received } = await hook();
    const id = await due(url);
    const claim = { limit: 1, perHost: 4, underWay: new Map(), leaseMs: 300 };
    const [lost] = await bed.database.deliveryQueue.claim(claim);
    expect(lost).toMatchObject({ id, attempt: 1 });
    expect(await bed.database.deliveryQueue.claim(claim)).toEqual([]);
    deliver();
    expect(await ended(id)).toMatchObject({ status: "delivered", attempts: 2 });
    expect(received).toHaveLength(1);
    // The dead one's own record comes too late.
    const outcome = { kind: "delivered", responseStatus: 200 } as const;
    expect(await bed.database.deliveryQueue.settle(lost!, outcome)).toBe(false);
  });

  it("are bounded for each host, which holds up no other", async () => {
    let atOnce = 0;
    let most = 0;
    const waiting: ServerResponse[] = [];
    const slow = await hook((response) => {
      most = Math.max(most, ++atOnce);
      waiting.push(response);
    });
    const quick = await hook();
    const slowIds = await Promise.all(Array.from({ length: 12 }, () => due(slow.url)));
    const quickId = await due(quick.url);
    deliver();
    await ended(quickId);
    await until(() => waiting.length === 4);
    const release = setInterval(() => {
      for (const response of waiting.splice(0)) {
        atOnce--;
        response.writeHead(204).end();
      }
    }, 20);
    await until(async () => (await list("?status=delivered")).length === slowIds.length + 1);
    clearInterval(release);
    expect(most).toBe(4);
  });

  it("count what is under way to a host among what they take for it", async () => {
    await Promise.all(Array.from({ length: 6 }, () => due("https://one.invalid/")));
    await due("https://two.invalid/");
    const claim = (underWay: ReadonlyMap<string, number>) =>
      bed.database.deliveryQueue.claim({ limit: 16, perHost: 4, underWay, leaseMs: 60_000 });
    const hosts = async (underWay: [string, number][]) =>
      (await claim(new Map(underWay))).map(({ host }) => host).sort();
    expect(await hosts([["one.invalid", 3]])).toEqual(["one.invalid", "two.invalid"]);
    expect(await hosts([["one.invalid", 4]])).toEqual([]);
    expect(await hosts([])).toEqual(Array.from({ length: 4 }, () => "one.invalid"));
  });

  it("give back what a stop interrupts, at once and without counting it", async () => {
    const { url, received } = await hook((response, count) => {
      if (count > 1) response.writeHead(204).end();
    });
    const id = await due(url);
    const first = deliver({ timeoutMs: 60_000 });
    await until(() => received.length === 1);
    await first.stop();
    expect(await list()).toMatchObject([{ id, status: "pending", error: null }]);
    deliver();
    expect(await ended(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });

  it("remove old ones from the log, and none that is pending", async () => {
    const { url } = await hook();
    const old = await due(url);
    await bed.rows("update tda.webhook_deliveries set status = 'dead', ended_at = now() - interval '31 days'");
    const pending = await due(url);
    await bed.rows("update tda.webhook_deliveries set created_at = now() - interval '90 days' where id = $1", [
      pending,
    ]);
    expect(await bed.database.deliveryQueue.deleteOld(30)).toBe(1);
    expect((await list()).map(({ id }) => id)).toEqual([pending]);
    expect(old).not.toBe(pending);
  });
});

describe("secrets", () => {
  it("rotate with two that are valid: receivers that know either can verify", async () => {
    const { url, received } = await hook();
    const made = async (query = "") => {
      const answer = await server.post("", {}, `/v1/webhooks/secrets${query}`);
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
      return (await answer.json()) as { id: string; secret: string; expires_at: string | null };
    };
    const first = await made();
    const second = await made("?overlap_seconds=600");
    const { items } = (await (await server.get("/v1/webhooks/secrets")).json()) as { items: (typeof first)[] };
    expect(items.map(({ secret }) => secret)).toEqual([second.secret, first.secret]);
    expect(items.map(({ expires_at }) => expires_at === null)).toEqual([true, false]);
    deliver();
    await ended(await due(url));
    for (const { secret } of [first, second]) expect(verifies(received[0]!, secret)).toBe(true);
    const third = await made("?overlap_seconds=0");
    await ended(await due(url));
    expect([first, second, third].map(({ secret }) => verifies(received[1]!, secret))).toEqual([false, false, true]);
  });

  it("are sealed at rest, and each in its own place", async () => {
    const [secret] = await bed.database.webhookSecrets.list(projectId);
    const rows = await bed.rows<{ sealed: Buffer }>("select sealed from tda.webhook_secrets");
    for (const { sealed } of rows) expect(sealed.includes(Buffer.from(secret!.secret.slice(6), "base64"))).toBe(false);
    const other = newId("prj");
    await bed.rows(
      "insert into tda.webhook_secrets (project_id, id, sealed, master_key_id) select $1, id, sealed, master_key_id from tda.webhook_secrets where expires_at is null",
      [other],
    );
    await expect(bed.database.webhookSecrets.list(other)).rejects.toThrow();
    await bed.rows("delete from tda.webhook_secrets where project_id = $1", [other]);
  });

  it("come under a new master key, and the old one is needed no more", async () => {
    const before = await bed.database.webhookSecrets.list(projectId);
    const key = { id: "next", secret: randomBytes(32) };
    const pools = [bed.projectPool(), bed.systemPool()] as const;
    const under = (...keys: MasterKey[]) => new PostgresWebhookSecrets(...pools, valueSealer(new Keyring(keys)));
    const alone = under(key);
    await expect(alone.list(projectId)).rejects.toThrow();
    const both = under(key, bed.masterKey);
    expect(await both.renew()).toBeGreaterThan(0);
    expect(await both.renew()).toBe(0);
    expect(await alone.list(projectId)).toEqual(before);
    expect(await under(bed.masterKey, key).renew()).toBeGreaterThan(0);
    for (const pool of pools) await pool.end();
  });

  it("are one, also when the first is asked for by many", async () => {
    const project = newId("prj");
    const all = await Promise.all(Array.from({ length: 8 }, () => bed.database.webhookSecrets.signing(project)));
    expect(new Set(all.flat()).size).toBe(1);
  });
});

describe("the log", () => {
  it("has pages, newest first, and filters", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await due("https://hook.invalid/"));
    await bed.rows("update tda.webhook_deliveries set status = 'dead', ended_at = now() where id = $1", [ids[1]]);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const answer = await server.get(`/v1/webhooks/deliveries?limit=2${cursor && `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { items: Delivery[]; next_cursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids);
    expect((await list("?status=dead")).map(({ id }) => id)).toEqual([ids[1]]);
    const [first] = await list();
    expect((await list(`?job_id=${first!.job_id}`)).map(({ id }) => id)).toEqual([first!.id]);
  });

  it("is each project's own", async () => {
    const id = await due("https://hook.invalid/", newId("prj"));
    expect(await list()).toEqual([]);
    expect((await server.post("", {}, `/v1/webhooks/deliveries/${id}/redrive`)).status).toBe(404);
    expect((await server.get("/v1/webhooks/deliveries?status=lost")).status).toBe(422);
  });
});
