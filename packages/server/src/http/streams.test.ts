import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamAccepted } from "@tda-platform/contract/streams";
import { STREAM_SCHEMA } from "@tda-platform/contract/streams";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AccessClient, keyed as keyedBy } from "../../test/support/access-client.ts";
import { createStream, recordsOf, send, tumbling } from "../../test/support/streams.ts";
import { TestBed, type TestServer } from "../../test/support/test-bed.ts";
import { DependencyUnavailable } from "../domain/errors.ts";

const isStream = new Ajv2020({ strict: false, validateFormats: false }).compile(STREAM_SCHEMA);
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const outboxOf = (id: string) =>
  bed.rows<{ version: number; type: string; payload: StreamDefinition }>(
    "select version, type, payload from tda.outbox where aggregate_id = $1 order by version",
    [id],
  );
const problemOf = async (answer: Response) => (await answer.json()) as { code: string; errors?: { pointer: string }[] };
const codeOf = async (answer: Response) => [answer.status, (await problemOf(answer)).code];
const push = (server: TestServer, id: string, points: unknown, headers: Record<string, string> = {}) =>
  server.post({ points }, headers, `/v1/streams/${id}/points`);

describe("streams", () => {
  it("are made with their defaults, listed, read, changed and deleted; the log is told of each", async () => {
    const server = await bed.server();
    const stream = await createStream(server);
    expect(isStream(stream), JSON.stringify(isStream.errors)).toBe(true);
    expect(stream).toMatchObject({
      status: "active",
      version: 1,
      max_revisions: 5,
      change: null,
      outputs: ["diagrams"],
    });
    const path = `/v1/streams/${stream.id}`;
    expect(await (await server.get(path)).json()).toEqual(stream);
    const { items } = (await (await server.get("/v1/streams?limit=1")).json()) as { items: object[] };
    expect(items).toEqual([stream]);

    const renamed = (await (await send(server, "PATCH", path, { name: "other" })).json()) as typeof stream;
    expect([renamed.name, renamed.version]).toEqual(["other", 1]);
    const changed = (await (await send(server, "PATCH", path, { max_revisions: 0 })).json()) as typeof stream;
    expect([changed.name, changed.max_revisions, changed.version]).toEqual(["other", 0, 2]);
    expect(await codeOf(await send(server, "PATCH", path, { point_dimension: 3 }))).toEqual([422, "validation_failed"]);
    expect((await (await server.get(path)).json()) as object).toEqual(changed);

    expect((await send(server, "DELETE", path)).status).toBe(204);
    for (const [method, rest] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/flush"],
      ["GET", "/results"],
      ["GET", "/rejected"],
      ["GET", "/results/live"],
    ] as const)
      expect(await codeOf(await send(server, method, path + rest)), method + rest).toEqual([404, "not_found"]);
    const events = await outboxOf(stream.id);
    expect(events.map(({ version, type, payload }) => [version, type, payload.version, payload.max_revisions])).toEqual(
      [
        [1, "stream.created", 1, 5],
        [2, "stream.changed", 1, 5],
        [3, "stream.changed", 2, 0],
        [4, "stream.deleted", 2, 0],
      ],
    );
    expect(events[1]!.payload.name).toBe("other");
  });

  it("are one for one idempotency key", async () => {
    const server = await bed.server();
    const key = { "idempotency-key": randomUUID() };
    const [one, again] = [
      await server.post(tumbling(), key, "/v1/streams"),
      await server.post(tumbling(), key, "/v1/streams"),
    ];
    expect(await again.json()).toEqual(await one.json());
    expect(one.headers.get("location")).toBe(again.headers.get("location"));
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  });

  it("are refused with the places that are wrong", async () => {
    const server = await bed.server();
    const refused = async (more: object) => {
      const { code, errors } = await problemOf(await server.post(tumbling(more), {}, "/v1/streams"));
      return [code, ...(errors ?? []).map(({ pointer }) => pointer)];
    };
    expect(await refused({ window: { type: "sliding" } })).toEqual([
      "validation_failed",
      "/window/size_ms",
      "/window/slide_ms",
    ]);
    expect(await refused({ winodw: 1 })).toEqual(["unknown_field", "/winodw"]);
    expect(await refused({ compute: { max_dimension: 11 } })).toEqual([
      "dimension_limit_exceeded",
      "/compute/max_dimension",
    ]);
    expect(await codeOf(await server.post("{", {}, "/v1/streams"))).toEqual([400, "invalid_json"]);
  });

  it("have a limit for each project", async () => {
    const server = await bed.server({ env: { TDA_PROJECT_STREAMS: "1" } });
    await bed.rows("update tda.streams set status = 'deleted'");
    const stream = await createStream(server);
    expect(await codeOf(await server.post(tumbling(), {}, "/v1/streams"))).toEqual([429, "stream_quota_exceeded"]);
    await send(server, "DELETE", `/v1/streams/${stream.id}`);
    await createStream(server);
  });
});

describe("points", () => {
  it("are durable by key when they are acknowledged, and wrong ones are named", async () => {
    const server = await bed.server();
    const { id } = await createStream(server);
    const points = [
      { t: 1, v: [1, 2], key: "a" },
      { t: 2, v: [1] },
      { t: 3, v: [3, 4] },
      { t: 4, v: [5, "6"], key: "a" },
      { t: 5, v: [7, 8], key: "a" },
    ];
    const answer = await push(server, id, points);
    expect(answer.status).toBe(202);
    const { accepted, rejected } = (await answer.json()) as StreamAccepted;
    expect([accepted, rejected.map(({ index }) => index)]).toEqual([3, [1, 3]]);
    const records = await recordsOf(bed, "events", id);
    const byKey = Object.fromEntries(records.map(({ event }) => [event.key, event]));
    expect(Object.keys(byKey).sort()).toEqual(["", "a"]);
    expect(byKey.a).toMatchObject({ kind: "points", definition_version: 1, batch_part: 0, stream_id: id });
    expect((byKey.a as unknown as { points: unknown }).points).toEqual([
      { index: 0, t: 1, v: [1, 2] },
      { index: 4, t: 5, v: [7, 8] },
    ]);
    expect(records[0]!.headers).toMatchObject({ ce_specversion: "1.0", ce_type: "stream.points" });
  });

  it("come as JSON or line by line, compressed or not, and as nothing else", async () => {
    const server = await bed.server();
    const { id } = await createStream(server);
    const lines = Buffer.from('{"t":1,"v":[1,2]}\n{"t":2,"v":[NaN,1]}\n{"t":3,"v":[1,2]}\n');
    const path = `${server.url}/v1/streams/${id}/points`;
    const sent = async (body: Buffer, headers: Record<string, string>) =>
      await fetch(path, { method: "POST", headers, body: body as never });
    for (const [body, more] of [
      [lines, {}],
      [gzipSync(lines), { "content-encoding": "gzip" }],
    ] as const) {
      const answer = await sent(body, { "content-type": "application/x-ndjson", ...more });
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ accepted: 2, rejected: [{ index: 1, detail: expect.any(String) }] });
    }
    expect(await codeOf(await sent(lines, { "content-type": "text/csv" }))).toEqual([415, "unsupported_media_type"]);
    const body = Buffer.from('{"points":[{"t":1,"v":[NaN,1]}]}');
    expect(await codeOf(await sent(body, { "content-type": "application/json" }))).toEqual([400, "invalid_json"]);
    expect(await codeOf(await server.post({ point: [] }, {}, `/v1/streams/${id}/points`))).toEqual([
      422,
      "validation_failed",
    ]);
  });

  it("are the same batch when they are sent again with the same key", async () => {
    const server = await bed.server();
    const { id } = await createStream(server);
    const key = { "idempotency-key": randomUUID() };
    const points = [{ t: 1, v: [1, 2] }];
    const one = await push(server, id, points, key);
    const again = await push(server, id, points, key);
    expect([again.status, await again.json()]).toEqual([202, await one.json()]);
    expect(await codeOf(await push(server, id, [{ t: 2, v: [1, 2] }], key))).toEqual([422, "idempotency_key_reused"]);
    expect(await recordsOf(bed, "events", id)).toHaveLength(1);
    // What is sent without a key is another batch, also under the request id of another.
    const request = { "x-request-id": "same" };
    for (let i = 0; i < 2; i++) await push(server, id, points, request);
    const ids = (await recordsOf(bed, "events", id)).map(({ event }) => (event as { batch_id: string }).batch_id);
    expect(new Set(ids).size).toBe(3);
  });

  it("are asked for again under the same name when the log did not answer", async () => {
    const events = await bed.events();
    let isDown = true;
    const log = Object.assign(Object.create(events.log) as typeof events.log, {
      append: async (...given: Parameters<typeof events.log.append>) => {
        const positions = await events.log.append(...given);
        if (isDown) throw new DependencyUnavailable("log", "no acknowledgement", 1);
        return positions;
      },
    });
    const server = await bed.server({ events: { log, codec: events.codec } });
    const { id } = await createStream(server);
    const key = { "idempotency-key": randomUUID() };
    const lost = await push(server, id, [{ t: 1, v: [1, 2] }], key);
    expect(lost.headers.get("retry-after")).not.toBeNull();
    expect(await codeOf(lost)).toEqual([503, "log_unavailable"]);
    isDown = false;
    expect((await push(server, id, [{ t: 1, v: [1, 2] }], key)).status).toBe(202);
    const records = await recordsOf(bed, "events", id);
    const names = records.map(({ event }) => event as { batch_id: string; body_hash: Uint8Array });
    expect(names).toHaveLength(2);
    expect([names[1]!.batch_id, names[1]!.body_hash]).toEqual([names[0]!.batch_id, names[0]!.body_hash]);
  });

  it("say the same when their records cannot be made", async () => {
    const { log } = await bed.events();
    const codec = {
      encode: () => {
        throw new DependencyUnavailable("log", "the registry does not answer", 5);
      },
      decode: () => Promise.reject(new Error("nothing is read")),
    };
    const server = await bed.server({ events: { log, codec } });
    const { id } = await createStream(server);
    const answer = await push(server, id, [{ t: 1, v: [1, 2] }]);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await codeOf(answer)).toEqual([503, "log_unavailable"]);
  });

  it("leave no row each in the audit log, but where they are refused", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    const admin = keyedBy(server.apiKey);
    const { id } = (await (await server.post(tumbling(), admin, "/v1/streams")).json()) as { id: string };
    const points = [{ t: 1, v: [1, 2] }];
    expect((await push(server, id, points, admin)).status).toBe(202);
    await server.post("", admin, `/v1/streams/${id}/pause`);
    expect((await push(server, id, points, admin)).status).toBe(409);
    const text =
      "select operation, status from tda.audit_log where target = $1 or operation = 'stream.create' order by id";
    await expect
      .poll(async () => (await bed.rows<{ operation: string; status: number }>(text, [id])).slice(-3))
      .toEqual([
        { operation: "stream.create", status: 201 },
        { operation: "stream.pause", status: 200 },
        { operation: "stream.push", status: 409 },
      ]);
  });

  it("ahead of the clock are quarantined", async () => {
    const server = await bed.server({ env: { TDA_STREAM_MAX_FUTURE_MS: "1000" } });
    await bed.sink();
    const { id } = await createStream(server);
    const t = Date.now() + 3_600_000;
    const answer = await push(server, id, [{ t, v: [1, 2], key: "k" }]);
    expect(await answer.json()).toEqual({ accepted: 0, rejected: [{ index: 0, detail: expect.any(String) }] });
    expect(await recordsOf(bed, "events", id)).toHaveLength(0);
    await expect
      .poll(async () => (await (await server.get(`/v1/streams/${id}/rejected`)).json()) as object)
      .toMatchObject({ items: [{ key: "k", t, v: [1, 2], reason: "quarantined", code: "time_in_future" }] });
  });

  it("are refused by a paused stream until it is resumed", async () => {
    const server = await bed.server();
    const { id } = await createStream(server);
    const points = [{ t: 1, v: [1, 2] }];
    expect((await push(server, id, points)).status).toBe(202);
    const paused = await send(server, "POST", `/v1/streams/${id}/pause`);
    expect(await paused.json()).toMatchObject({ id, status: "paused" });
    expect(await codeOf(await push(server, id, points))).toEqual([409, "stream_paused"]);
    expect((await send(server, "POST", `/v1/streams/${id}/resume`)).status).toBe(200);
    expect((await push(server, id, points)).status).toBe(202);
  });

  it("have a bound of keys and of points a second", async () => {
    const server = await bed.server({ env: { TDA_STREAM_MAX_KEYS: "2", TDA_PROJECT_POINTS_PER_SECOND: "10" } });
    const { id } = await createStream(server);
    const keyed = (...keys: string[]) => keys.map((key) => ({ t: 1, v: [1, 2], key }));
    expect((await push(server, id, keyed("a", "b"))).status).toBe(202);
    expect(await codeOf(await push(server, id, keyed("a", "c")))).toEqual([429, "stream_key_limit_exceeded"]);
    const many = Array.from({ length: 50 }, (_, t) => ({ t, v: [1, 2], key: "a" }));
    expect((await push(server, id, many)).status).toBe(202);
    expect(await codeOf(await push(server, id, keyed("a")))).toEqual([429, "stream_rate_exceeded"]);
  });

  it("are flushed key by key", async () => {
    const server = await bed.server();
    const { id } = await createStream(server);
    await push(server, id, [
      { t: 1, v: [1, 2], key: "a" },
      { t: 1, v: [1, 2] },
    ]);
    const answer = await send(server, "POST", `/v1/streams/${id}/flush`);
    expect([answer.status, await answer.json()]).toEqual([202, { keys: 2 }]);
    const flushes = (await recordsOf(bed, "events", id))
      .map(({ event }) => event)
      .filter((one) => "kind" in one && one.kind === "flush");
    expect(flushes).toMatchObject([
      { last_seq: null, forget: false },
      { last_seq: null, forget: false },
    ]);
  });

  it("are written once more by a replay, under a new version, from a time on", async () => {
    const server = await bed.server();
    const { id } = await createStream(server);
    await push(
      server,
      id,
      [1, 2, 3].map((t) => ({ t: t * 1000, v: [t, t] })),
    );
    const path = `/v1/streams/${id}`;
    const replay = () => send(server, "POST", `${path}/replay`, { from: "1970-01-01T00:00:02Z" });
    expect(await codeOf(await replay())).toEqual([409, "stream_not_paused"]);
    await send(server, "POST", `${path}/pause`);
    expect(await (await replay()).json()).toEqual({ version: 2, points: 2 });
    expect(await (await replay()).json()).toEqual({ version: 3, points: 2 });
    const events = (await recordsOf(bed, "events", id)).map(({ event }) => event as never);
    expect(events).toMatchObject([
      { definition_version: 1, points: [{ t: 1000 }, { t: 2000 }, { t: 3000 }] },
      { definition_version: 2, points: [{ t: 2000 }, { t: 3000 }] },
      { definition_version: 3, points: [{ t: 2000 }, { t: 3000 }] },
    ]);
  });
});

describe("access", () => {
  it("is for the roles that may, within the project", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    const client = new AccessClient(server);
    const keyOf = async (role: string, scopes?: string[]) => {
      const body = { name: role, role, ...(scopes === undefined ? {} : { scopes }) };
      return keyedBy((await client.made<{ secret: string }>("/v1/keys", client.admin, body)).secret);
    };
    const [viewer, analyst] = [await keyOf("viewer"), await keyOf("analyst")];
    const sensor = await keyOf("analyst", ["streams.push"]);
    const { id } = await client.made<{ id: string }>("/v1/streams", analyst, tumbling());
    const status = async (method: string, path: string, headers: Record<string, string>, body?: object) =>
      (await client.call(method, path, headers, body)).status;
    const path = `/v1/streams/${id}`;
    const points = { points: [{ t: 1, v: [1, 2] }] };
    expect(await status("GET", path, viewer)).toBe(200);
    expect(await status("POST", "/v1/streams", viewer, tumbling())).toBe(403);
    expect(await status("POST", `${path}/points`, viewer, points)).toBe(403);
    expect(await status("POST", `${path}/points`, sensor, points)).toBe(202);
    expect(await status("GET", `${path}/results`, sensor)).toBe(403);
    expect(await status("DELETE", path, sensor)).toBe(403);
    expect(await status("POST", `${path}/rejected/redrive`, analyst, { reason: "late" })).toBe(403);
    expect(await status("GET", path, {})).toBe(401);
    const other = await client.made<{ api_key: { secret: string } }>("/v1/projects", client.admin, { name: "other" });
    const stranger = keyedBy(other.api_key.secret);
    for (const [method, rest, body] of [
      ["GET", "", undefined],
      ["GET", "/results", undefined],
      ["POST", "/points", points],
      ["POST", "/pause", undefined],
      ["DELETE", "", undefined],
    ] as const)
      expect(await status(method, path + rest, stranger, body), method + rest).toBe(404);
    expect(await status("POST", `${path}/points`, sensor, points)).toBe(202);
  });
});
