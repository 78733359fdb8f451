import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { idPattern } from "@tda-platform/contract/identifiers";
import { type FastifyInstance, fastify } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { TestBed, until } from "../../test/support/test-bed.ts";
import type { IdempotencyStore } from "../domain/limits/idempotency.ts";
import type { Principal } from "../domain/ports.ts";
import { handleError } from "./error-handler.ts";
import { idempotentId, registerIdempotency } from "./idempotency.ts";

let bed: TestBed;
let server: FastifyInstance | null = null;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(async () => {
  await server?.close();
  server = null;
  await bed.endServers();
});
afterAll(() => bed.end());

interface Creating {
  /** What the handler does; what it returns is the body of a 201. */
  readonly create: (body: Buffer, id: string) => Promise<unknown>;
  readonly streams?: boolean;
  readonly projectId?: string;
  readonly store?: IdempotencyStore;
}

/** A server with one operation that creates things, under a path and its alias; answers as the API does. */
async function creating({ create, streams = false, projectId, store }: Creating) {
  const made = fastify();
  const principal = { id: "local", projectId: projectId ?? bed.database.defaultProjectId } as Principal;
  made.decorateRequest("principal", null);
  made.addHook("onRequest", async (request) => {
    request.principal = principal;
  });
  made.removeAllContentTypeParsers();
  const raw = "application/octet-stream";
  if (streams) made.addContentTypeParser(raw, (_request, payload, done) => done(null, payload));
  else made.addContentTypeParser(raw, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  registerIdempotency(made, store ?? bed.database.idempotency);
  made.setErrorHandler((error, request, reply) => handleError(error, request, reply));
  for (const url of ["/v1/things/:of", "/things/:of"]) {
    made.route({
      method: "POST",
      url,
      config: { creates: true, operation: "job.create" },
      handler: async (request, reply) => {
        const body =
          request.body instanceof Readable
            ? await request.body.toArray().then(Buffer.concat)
            : (request.body as Buffer);
        const id = idempotentId(request, "job");
        const created = await create(body, id);
        return reply.code(201).header("location", `/v1/things/${id}`).send(created);
      },
    });
  }
  server = made;
  const url = await made.listen({ host: "127.0.0.1", port: 0 });
  return (body: string, key: string | null, path = "/v1/things/a", signal: AbortSignal | null = null) =>
    fetch(url + path, {
      method: "POST",
      signal,
      headers: { "content-type": raw, ...(key === null ? {} : { "idempotency-key": key }) },
      body,
    });
}

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe.each([
  ["in memory", false],
  ["as a stream", true],
])("a body %s", (_how, streams) => {
  it("the same request again gets the first one's answer, and creates nothing", async () => {
    let created = 0;
    const post = await creating({ streams, create: async (_body, id) => ({ id, number: ++created }) });
    const key = randomUUID();
    const first = await post("body", key);
    const again = await post("body", key, "/things/a");
    expect([first.status, again.status, created]).toEqual([201, 201, 1]);
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect([first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")]).toEqual([
      null,
      "true",
    ]);
  });

  it("another body, query or parameter under the key is refused, also while the first is in progress", async () => {
    const gate = Promise.withResolvers<void>();
    const post = await creating({ streams, create: () => gate.promise.then(() => ({ done: true })) });
    const key = randomUUID();
    const first = post("body", key);
    if (!streams) {
      await until(async () => (await bed.rows("select from tda.idempotency_keys where status is null")).length === 1);
      expect(await codeOf(await post("other", key))).toBe("idempotency_key_reused");
    }
    gate.resolve();
    await first;
    for (const other of [
      post("other", key),
      post("body", key, "/v1/things/a?x=1"),
      post("body", key, "/v1/things/b"),
    ]) {
      const response = await other;
      expect([response.status, await codeOf(response)]).toEqual([422, "idempotency_key_reused"]);
    }
  });

  it("the same request while the first is in progress: 409 with Retry-After", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const post = await creating({
      streams,
      create: async () => {
        begun.resolve();
        await gate.promise;
        return { done: true };
      },
    });
    const key = randomUUID();
    const first = post("body", key);
    await begun.promise;
    const second = await post("body", key);
    expect([second.status, await codeOf(second)]).toEqual([409, "idempotency_in_progress"]);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    gate.resolve();
    expect((await first).status).toBe(201);
    expect((await post("body", key)).headers.get("idempotency-replayed")).toBe("true");
  });
});

it("of many at once one creates, and the others are told so or get its answer", async () => {
  let created = 0;
  const post = await creating({ create: async () => ({ number: ++created }) });
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 20 }, () => post("body", key)));
  expect(created).toBe(1);
  expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
});

it("a refusal is an answer, a failure is none", async () => {
  const { ProblemError } = await import("../domain/problem.ts");
  const thrown = [
    new ProblemError("internal_error", "broken"),
    new ProblemError("storage_unavailable", "gone"),
    new ProblemError("job_quota_exceeded", "full", { retryAfterSeconds: 1 }),
    new ProblemError("validation_failed", "wrong"),
  ];
  const post = await creating({
    create: async () => {
      throw thrown.shift();
    },
  });
  const key = randomUUID();
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await post("body", key));
  expect(answers.map(({ status }) => status)).toEqual([500, 503, 429, 422, 422, 422]);
  expect(answers.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([
    null,
    null,
    null,
    null,
    "true",
    "true",
  ]);
});

it("keys of another project, and no key, are other requests", async () => {
  let created = 0;
  const key = randomUUID();
  const create = async () => ({ number: ++created });
  const post = await creating({ create });
  await post("body", key);
  await post("body", null);
  await post("body", null);
  await server?.close();
  const other = `prj_${bed.database.defaultProjectId.slice(4, -4)}0000`;
  await bed.rows(
    "insert into tda.projects (id, name, cache_key) select $1, 'other', cache_key from tda.projects limit 1",
    [other],
  );
  const ofOther = await creating({ create, projectId: other });
  expect((await ofOther("body", key)).headers.get("idempotency-replayed")).toBeNull();
  expect(created).toBe(4);
});

it("the key of a client that left while it was looked up is not kept", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const left = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const handled = Promise.withResolvers<void>();
    const kept = bed.database.idempotency;
    let renewals = 0;
    const store: IdempotencyStore = {
      begin: async (scope, digest) => {
        const begun = await kept.begin(scope, digest);
        asked.resolve();
        await left.promise;
        return begun;
      },
      renew: async (attempt) => {
        renewals++;
        return await kept.renew(attempt);
      },
      complete: (attempt, digest, answer) => kept.complete(attempt, digest, answer),
      abandon: (attempt) => kept.abandon(attempt),
    };
    const create = async () => {
      handled.resolve();
      await gate.promise;
    };
    const post = await creating({ create, store });
    const leaving = new AbortController();
    const answer = post("body", randomUUID(), "/v1/things/a", leaving.signal).catch(() => "left");
    await asked.promise;
    leaving.abort();
    expect(await answer).toBe("left");
    await until(async () => (await promisify(server!.server.getConnections.bind(server!.server))()) === 0);
    left.resolve();
    await handled.promise;
    vi.advanceTimersByTime(60_000);
    gate.resolve();
    expect(renewals).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it("an attempt that died does not keep the key: the next gets the same identifier", async () => {
  const ids: string[] = [];
  const create = async (_body: Buffer, id: string) => {
    ids.push(id);
    return { id };
  };
  const key = randomUUID();
  // What a process that was killed after its commit leaves.
  const scope = { projectId: bed.database.defaultProjectId, operation: "job.create", key };
  const dead = await bed.database.idempotency.begin(scope, null);
  const post = await creating({ create });
  expect((await post("body", key)).status).toBe(409);
  await bed.rows("update tda.idempotency_keys set lease_until = now() - interval '1 second' where status is null");
  expect((await post("body", key)).status).toBe(201);
  expect(dead.state === "new" ? ids : []).toEqual([`job_${dead.state === "new" ? dead.attempt.seed : ""}`]);
  if (dead.state !== "new") return expect.unreachable();
  // It wakes up: it can neither renew, nor change or remove the answer that was given.
  expect(await bed.database.idempotency.renew(dead.attempt)).toBe(false);
  await bed.database.idempotency.complete(dead.attempt, Buffer.alloc(32), {
    status: 200,
    headers: {},
    body: Buffer.of(1),
  });
  await bed.database.idempotency.abandon(dead.attempt);
  expect((await post("body", key)).headers.get("idempotency-replayed")).toBe("true");
});

it("what is kept is sealed, and forgotten after a day", async () => {
  const post = await creating({ create: async () => ({ secret: "tda_0123456789" }) });
  const key = randomUUID();
  await post("body", key);
  const [row] = await bed.rows<{ answer: Buffer; text: string }>(
    "select answer, k::text as text from tda.idempotency_keys k order by created_at desc limit 1",
  );
  expect(row!.answer.includes("tda_0123456789")).toBe(false);
  expect(row!.text).not.toContain(key);
  await bed.rows("update tda.idempotency_keys set expires_at = now() - interval '1 second'");
  expect((await post("other body", key)).headers.get("idempotency-replayed")).toBeNull();
});

it("a wrong key is refused before anything is done", async () => {
  let created = 0;
  const post = await creating({ create: async () => ++created });
  const response = await post("body", "a b");
  expect([response.status, await codeOf(response), created]).toEqual([422, "invalid_idempotency_key", 0]);
});

it("several of one request have identifiers of their own, the same each time", async () => {
  const pattern = new RegExp(idPattern("job"));
  const request = { idempotency: { known: { seed: "0193b7c0-1234-7abc-8def-0123456789ab" } } } as never;
  const ids = Array.from({ length: 50 }, (_, index) => idempotentId(request, "job", index));
  expect(ids.every((id) => pattern.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(50);
  expect(idempotentId(request, "job", 7)).toBe(ids[7]);
});

it("a job that is submitted twice is one job, by path and alias", async () => {
  const { post, get } = await bed.server();
  const body = { algorithm: "vietoris-rips", input: { points: [[0], [Math.random()]] } };
  const key = { "idempotency-key": randomUUID() };
  const first = await post(body, key, "/v1/jobs/compute");
  const again = await post(body, key, "/jobs/compute");
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(await again.json()).toEqual(await first.json());
  const { items } = (await (await get("/v1/jobs")).json()) as { items: unknown[] };
  expect(items.length).toBe(1);
  // As after a crash between the commit and the answer.
  await bed.rows(
    "update tda.idempotency_keys set status = null, answer = null, master_key_id = null, lease_until = now() - interval '1 second'",
  );
  const repeated = await post(body, key, "/v1/jobs/compute");
  expect(repeated.status).toBe(202);
  expect(((await (await get("/v1/jobs")).json()) as { items: unknown[] }).items.length).toBe(1);
  expect(repeated.headers.get("location")).toBe(first.headers.get("location"));
});

it("a dataset that is uploaded twice is one dataset, streamed; another content under the key is refused", async () => {
  const { url, get } = await bed.server();
  const key = randomUUID();
  const upload = (text: string) =>
    fetch(`${url}/v1/datasets`, {
      method: "POST",
      headers: { "content-type": "text/csv", "idempotency-key": key },
      body: text,
    });
  const first = await upload("1,2\n3,4\n");
  const again = await upload("1,2\n3,4\n");
  expect([first.status, again.status, again.headers.get("idempotency-replayed")]).toEqual([201, 201, "true"]);
  expect(await again.json()).toEqual(await first.json());
  expect(await codeOf(await upload("1,2\n3,5\n"))).toBe("idempotency_key_reused");
  expect(((await (await get("/v1/datasets")).json()) as { items: unknown[] }).items.length).toBe(1);
});

it("an API key that is asked for twice is one key, and the second answer has its text too", async () => {
  const { post, get } = await bed.server();
  const key = { "idempotency-key": randomUUID() };
  const body = { name: "once", role: "viewer" };
  const first = await post(body, key, "/v1/keys");
  const again = await post(body, key, "/v1/keys");
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(await again.json()).toEqual(await first.json());
  const { items } = (await (await get("/v1/keys")).json()) as { items: { name: string }[] };
  expect(items.filter(({ name }) => name === "once").length).toBe(1);
});

it("a client that leaves in the middle of its upload ends nothing, and its key is free again", async () => {
  const { url, port } = await bed.server();
  const key = randomUUID();
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `POST /v1/datasets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\nIdempotency-Key: ${key}\r\n\r\n1,2\n`,
  );
  const attempts = () => bed.rows("select from tda.idempotency_keys where status is null and lease_until > now()");
  await until(async () => (await attempts()).length > 0);
  socket.destroy();
  await bed.rows("update tda.idempotency_keys set lease_until = now() where status is null");
  const upload = () =>
    fetch(`${url}/v1/datasets`, {
      method: "POST",
      headers: { "content-type": "text/csv", "idempotency-key": key },
      body: "5,6\n7,8\n",
    });
  const answer = await until(async () => {
    const response = await upload();
    return response.status !== 409 && response;
  });
  expect(answer.status).toBe(201);
});
