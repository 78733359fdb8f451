import { get } from "node:http";
import { STREAM_REJECTED_SCHEMA, STREAM_RESULT_SCHEMA, type StreamResultView } from "@tda-platform/contract/streams";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  appendRejections,
  appendResults,
  createStream,
  listResults,
  recordsOf,
  resultOf,
  send,
} from "../../test/support/streams.ts";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const isResult = ajv.compile(STREAM_RESULT_SCHEMA);
const isRejected = ajv.compile(STREAM_REJECTED_SCHEMA);
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const project = () => bed.database.defaultProjectId;
const stored = (server: TestServer, id: string, count: number, query = "?revisions=all") =>
  until(async () => {
    const { items } = await listResults(server, id, query);
    return items.length === count && items;
  });

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: StreamResultView;
}

/** The events of a stream as they come. */
function follow(server: TestServer, path: string, headers: Record<string, string> = {}) {
  const stream = { status: 0, events: [] as Event[], isOver: false, leave: () => undefined as unknown };
  let text = "";
  const request = get(server.url + path, { headers, agent: false }, (answer) => {
    stream.status = answer.statusCode!;
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
        if (fields.id !== undefined) stream.events.push({ ...fields, data: JSON.parse(fields.data) } as Event);
      }
    });
    answer.on("close", () => {
      stream.isOver = true;
    });
  });
  request.on("error", () => {
    stream.isOver = true;
  });
  stream.leave = () => request.destroy();
  return stream;
}

describe("results", () => {
  it("are listed by window, the last revision of each, page by page", async () => {
    const server = await bed.server();
    await bed.sink();
    const stream = await createStream(server);
    const at = (window_seq: number, more: object = {}) =>
      resultOf(stream, project(), {
        window_seq,
        window_start: window_seq * 1000,
        window_end: (window_seq + 1) * 1000,
        ...more,
      });
    await appendResults(bed, [
      at(0),
      at(1),
      at(2),
      at(1, { revision: 1, points: 4 }),
      at(3, { key: "k" }),
      at(4),
      at(4, { revision: 1, superseded_by: 2, diagrams: [] }),
    ]);
    await stored(server, stream.id, 7);
    const { items } = await listResults(server, stream.id);
    for (const item of items) if (!isResult(item)) expect.fail(JSON.stringify(isResult.errors));
    const seqs = (list: readonly StreamResultView[]) => list.map(({ provenance }) => provenance.window_seq);
    expect(seqs(items)).toEqual([3, 2, 1, 0]);
    expect(items[2]).toMatchObject({ revision: 1, points: 4, window_start: "1970-01-01T00:00:01.000Z" });
    expect(items[0]!.diagrams).toEqual([
      [
        [0, 1],
        [0, null],
      ],
    ]);
    expect(seqs((await listResults(server, stream.id, "?key=k")).items)).toEqual([3]);
    expect(seqs((await listResults(server, stream.id, "?key=")).items)).toEqual([2, 1, 0]);
    const between = "?from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:03Z";
    expect(seqs((await listResults(server, stream.id, between)).items)).toEqual([2, 1]);
    expect(seqs((await listResults(server, stream.id, "?version=2")).items)).toEqual([]);
    const pages: number[] = [];
    for (let cursor = ""; ; ) {
      const page = await listResults(server, stream.id, `?limit=2&revisions=all${cursor}`);
      pages.push(...seqs(page.items));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(pages).toEqual([4, 4, 3, 2, 1, 1, 0]);
    for (const bad of ["?cursor=x", "?from=yesterday", "?revisions=some", "?limit=0", "?x=1"])
      expect((await server.get(`/v1/streams/${stream.id}/results${bad}`)).status, bad).toBe(422);
  });

  it("say the change score where it is asked for, from the first window on", async () => {
    const server = await bed.server();
    await bed.sink();
    const stream = await createStream(server, { outputs: ["change_score"] });
    await appendResults(bed, [resultOf(stream, project(), { diagrams: [] })]);
    const [first] = await stored(server, stream.id, 1);
    expect([first!.diagrams, first!.outputs]).toEqual([null, { change_score: { distance: null, z_score: null } }]);
  });

  it("come live, with what was missed, and no more when the stream is deleted", async () => {
    const server = await bed.server();
    await bed.sink();
    const stream = await createStream(server);
    const path = `/v1/streams/${stream.id}/results/live`;
    const result = (window_seq: number) => resultOf(stream, project(), { window_seq });
    await appendResults(bed, [result(0)]);
    await stored(server, stream.id, 1);
    const late = follow(server, path);
    const all = follow(server, path, { "last-event-id": "0" });
    await until(() => all.events.length === 1 && late.status === 200);
    await appendResults(bed, [result(1), result(2)]);
    await until(() => all.events.length === 3 && late.events.length === 2);
    expect(all.events.map(({ id, event }) => [id, event])).toEqual(["1", "2", "3"].map((id) => [id, "result"]));
    expect(late.events.map(({ data }) => data.provenance.window_seq)).toEqual([1, 2]);
    const again = follow(server, path, { "last-event-id": "2" });
    await until(() => again.events.length === 1);
    expect(again.events[0]!.id).toBe("3");
    expect((await server.get(path, { "last-event-id": "x" })).status).toBe(422);
    await send(server, "DELETE", `/v1/streams/${stream.id}`);
    await until(() => all.isOver && late.isOver && again.isOver);
  });

  it("of a deleted stream are not kept", async () => {
    const server = await bed.server();
    const stream = await createStream(server);
    await send(server, "DELETE", `/v1/streams/${stream.id}`);
    const other = await createStream(server);
    await appendResults(bed, [resultOf(stream, project()), resultOf(other, project())]);
    await bed.sink();
    await stored(server, other.id, 1);
    expect(await bed.rows("select 1 from tda.stream_results where stream_id = $1", [stream.id])).toEqual([]);
  });
});

describe("rejected points", () => {
  const rejection = (stream: { id: string }, origin: string, more: object = {}) => ({
    project_id: project(),
    stream_id: stream.id,
    key: "k",
    definition_version: 1,
    origin,
    reason: "late" as const,
    code: "window_closed",
    detail: "Every window of the point is closed.",
    received_at: 1_700_000_000_000,
    t: 5,
    v: [1, 2] as number[] | null,
    raw: null as Uint8Array | null,
    ...more,
  });

  it("are listed once each, also those that could not be read, and redriven", async () => {
    const server = await bed.server();
    await bed.sink();
    const stream = await createStream(server);
    const unreadable = rejection(stream, "record:0:9:0", {
      project_id: "",
      stream_id: "",
      key: "",
      reason: "poison",
      code: "undecodable_record",
      t: null,
      v: null,
      raw: Buffer.from([1, 2, 3]),
    });
    const one = rejection(stream, "record:0:1:0");
    await appendRejections(
      bed,
      [one, one, rejection(stream, "window:1:0:0", { reason: "failed", v: null }), unreadable],
      `${stream.id}\nk`,
    );
    const path = `/v1/streams/${stream.id}/rejected`;
    const list = async (query = "") =>
      ((await (await server.get(path + query)).json()) as { items: { id: string; origin: string }[] }).items;
    const items = await until(async () => {
      const found = await list();
      return found.length === 3 && found;
    });
    for (const item of items) if (!isRejected(item)) expect.fail(JSON.stringify(isRejected.errors));
    expect(await list("?reason=late")).toMatchObject([{ key: "k", t: 5, v: [1, 2], code: "window_closed" }]);
    expect(await list("?key=k&reason=poison")).toMatchObject([{ t: null, v: null, origin: "record:0:9:0" }]);

    const redriven = await send(server, "POST", `${path}/redrive`, { reason: "late" });
    expect([redriven.status, await redriven.json()]).toEqual([202, { redriven: 1, more: false }]);
    expect(await recordsOf(bed, "events", stream.id)).toMatchObject([
      { event: { key: "k", kind: "points", points: [{ index: 0, t: 5, v: [1, 2] }] } },
    ]);
    const again = await send(server, "POST", `${path}/redrive`, { ids: items.map(({ id }) => id) });
    expect(await again.json()).toEqual({ redriven: 0, more: false });
    expect(await list("?reason=late")).toMatchObject([{ redriven_at: expect.any(String) }]);
  });
});

interface Message {
  readonly type: string;
  readonly id?: string | null;
  readonly accepted?: number;
  readonly rejected?: readonly { readonly index: number }[];
  readonly position?: number;
  readonly result?: StreamResultView;
  readonly problem?: { readonly code: string };
}

/** A WebSocket to a stream, by a ticket, and what has come by it. null: refused. */
async function connect(server: TestServer, id: string, headers: Record<string, string> = {}) {
  const path = `/v1/streams/${id}/ws`;
  const { ticket } = (await (await server.post({ path }, headers, "/v1/tickets")).json()) as { ticket: string };
  return await connectTo(`${server.url.replace("http", "ws")}${path}?ticket=${ticket}`);
}

async function connectTo(url: string) {
  const socket = new WebSocket(url);
  const came: Message[] = [];
  let isOver = false;
  socket.addEventListener("message", ({ data }) => came.push(JSON.parse(String(data)) as Message));
  socket.addEventListener("close", () => {
    isOver = true;
  });
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("error", () => resolve(false));
  });
  if (!isOpen) return null;
  const answerTo = (id: string) => until(() => came.find((message) => message.id === id));
  return {
    came,
    isOver: () => isOver,
    close: () => socket.close(),
    send: (text: string) => socket.send(text),
    ask: (id: string, message: object) => {
      socket.send(JSON.stringify({ ...message, id }));
      return answerTo(id);
    },
  };
}

describe("the WebSocket", () => {
  it("takes points and sends results, and refuses what is wrong with its reason", async () => {
    const server = await bed.server();
    await bed.sink();
    const stream = await createStream(server);
    const connection = (await connect(server, stream.id))!;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const points = [
          { t: i, v: [i, i], key: "a" },
          { t: 1, v: [] },
        ];
        return connection.ask(`m${i}`, { type: "points", points });
      }),
    );
    for (const { accepted, rejected } of answers) expect([accepted, rejected![0]!.index]).toEqual([1, 1]);
    const records = await recordsOf(bed, "events", stream.id);
    const times = records.flatMap(({ event }) =>
      (event as unknown as { points: { t: number }[] }).points.map(({ t }) => t),
    );
    expect(times.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));

    for (const [id, message, code] of [
      ["p", { type: "points", points: "none" }, "validation_failed"],
      ["k", { type: "points", points: [], idempotency_key: "é" }, "invalid_idempotency_key"],
      ["t", { type: "other" }, "validation_failed"],
      ["f", { type: "follow", after: -1 }, "validation_failed"],
    ] as const)
      expect(await connection.ask(id, message)).toMatchObject({ type: "problem", problem: { code } });
    connection.send("{");
    await until(() => connection.came.some(({ problem }) => problem?.code === "invalid_json"));

    expect(await connection.ask("follow", { type: "follow", after: 0 })).toMatchObject({ type: "following", after: 0 });
    await appendResults(bed, [resultOf(stream, project())]);
    const told = await until(() => connection.came.find(({ type }) => type === "result"));
    expect(told).toMatchObject({ position: 1, result: { key: "", points: 3 } });
    await send(server, "POST", `/v1/streams/${stream.id}/pause`);
    const points = [{ t: 1, v: [1, 2] }];
    expect(await connection.ask("x", { type: "points", points })).toMatchObject({ problem: { code: "stream_paused" } });
    connection.close();
  });

  it("names a batch by its own key, whatever the connection", async () => {
    const server = await bed.server();
    const stream = await createStream(server);
    for (const key of ["same", "same", "other"]) {
      const connection = (await connect(server, stream.id))!;
      const points = [{ t: 1, v: [1, 2] }];
      await connection.ask("1", { type: "points", points, idempotency_key: key });
      connection.close();
    }
    const names = (await recordsOf(bed, "events", stream.id)).map(
      ({ event }) => (event as { batch_id: string }).batch_id,
    );
    expect([names.length, new Set(names).size]).toEqual([3, 2]);
  });

  it("needs credentials and an upgrade, and ends with the server", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    const key = { "x-api-key": server.apiKey };
    const definition = { name: "s", point_dimension: 1, window: { type: "count", count: 2 } };
    const stream = (await (await server.post(definition, key, "/v1/streams")).json()) as { id: string };
    const path = `/v1/streams/${stream.id}/ws`;
    expect((await server.get(path)).status).toBe(401);
    expect((await server.get(path, key)).status).toBe(426);
    const url = server.url.replace("http", "ws") + path;
    expect(await connectTo(url)).toBeNull();
    expect(await connectTo(`${url}?ticket=guess`)).toBeNull();
    const connection = (await connect(server, stream.id, key))!;
    const answer = await connection.ask("1", { type: "points", points: [{ t: 1, v: [1] }] });
    expect(answer).toMatchObject({ type: "accepted", accepted: 1, rejected: [] });
    await server.http.close();
    await until(() => connection.isOver());
  });

  it("is for those who may", async () => {
    const server = await bed.server({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } });
    const admin = { "x-api-key": server.apiKey };
    const stream = (await (
      await server.post({ name: "s", point_dimension: 1, window: { type: "count", count: 2 } }, admin, "/v1/streams")
    ).json()) as { id: string };
    const made = await server.post({ name: "viewer", role: "viewer" }, admin, "/v1/keys");
    const viewer = { "x-api-key": ((await made.json()) as { secret: string }).secret };
    const connection = (await connect(server, stream.id, viewer))!;
    expect(await connection.ask("1", { type: "points", points: [] })).toMatchObject({
      problem: { code: "permission_denied" },
    });
    expect(await connection.ask("2", { type: "follow", after: null })).toMatchObject({ type: "following" });
    connection.close();
  });
});
