import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { until } from "./support/poll.ts";
import { type Target, target } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

let server: Target;
let api: Api;

beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server?.dispose());

interface Rejected {
  readonly key: string;
  readonly t: number;
  readonly v: readonly number[];
  readonly reason: string;
}

async function create(more: object = {}): Promise<string> {
  const definition = { name: "acceptance", point_dimension: 2, window: { type: "tumbling", size_ms: 1000 }, ...more };
  const answer = await api.post("/v1/streams", definition);
  expect(answer.status, answer.text()).toBe(201);
  const { id } = answer.json<{ id: string }>();
  expect(answer.headers.location).toBe(`/v1/streams/${id}`);
  return id;
}

const push = (id: string, points: readonly object[], headers: Record<string, string> = {}) =>
  api.post(`/v1/streams/${id}/points`, { points }, { headers });

describe("a stream", () => {
  it("has the documented defaults", async () => {
    const answer = await api.get(`/v1/streams/${await create()}`);
    expect(answer.json()).toMatchObject({
      status: "active",
      version: 1,
      window: { type: "tumbling", size_ms: 1000, slide_ms: null, gap_ms: null, count: null },
      out_of_orderness_ms: 0,
      allowed_lateness_ms: 0,
      idle_timeout_ms: null,
      max_revisions: 5,
      embedding: { type: "none", dimension: null, delay: 1, skip: 1 },
      compute: { algorithm: "vietoris-rips", max_dimension: 1, threshold: null },
      max_points_per_window: 500,
      outputs: ["diagrams"],
      alerts: [],
      delivery: "effectively_once",
    });
  });

  it("takes every field at its default, null included", async () => {
    await create({
      window: { type: "tumbling", size_ms: 1000, slide_ms: null, gap_ms: null, count: null },
      out_of_orderness_ms: 0,
      allowed_lateness_ms: 0,
      idle_timeout_ms: null,
      embedding: { type: "none", dimension: null, delay: 1, skip: 1 },
      compute: { algorithm: "vietoris-rips", max_dimension: 1, threshold: null },
      max_points_per_window: 500,
      outputs: ["diagrams"],
      change: { distance: "bottleneck", p: 2, dimensions: [1], history: 50 },
      alerts: [],
      delivery: "effectively_once",
    });
  });

  it("is refused where its window is not whole, and where a field is not known", async () => {
    const least = { name: "x", point_dimension: 1 };
    for (const window of [
      { type: "tumbling" },
      { type: "sliding", size_ms: 10 },
      { type: "session" },
      { type: "count" },
    ])
      refused(await api.post("/v1/streams", { ...least, window }), 422, "validation_failed");
    const window = { type: "count", count: 3 };
    refused(await api.post("/v1/streams", { ...least, window, widnow: 1 }), 422, "unknown_field");
    refused(
      await api.post("/v1/streams", { ...least, window, compute: { max_dimension: 99 } }),
      422,
      "validation_failed",
    );
  });

  it("is changed, paused, resumed and deleted", async () => {
    const id = await create();
    const changed = await api.call(`/v1/streams/${id}`, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ allowed_lateness_ms: 100 }),
    });
    expect(changed.json()).toMatchObject({ id, version: 2, allowed_lateness_ms: 100 });
    const point = [{ t: 1, v: [1, 2] }];
    expect((await api.post(`/v1/streams/${id}/pause`, "")).json()).toMatchObject({ status: "paused" });
    refused(await push(id, point), 409, "stream_paused");
    expect((await api.post(`/v1/streams/${id}/resume`, "")).json()).toMatchObject({ status: "active" });
    expect((await push(id, point)).status).toBe(202);
    expect((await api.call(`/v1/streams/${id}`, { method: "DELETE" })).status).toBe(204);
    refused(await api.get(`/v1/streams/${id}`), 404, "not_found");
    refused(await push(id, point), 404, "not_found");
  });
});

describe("points", () => {
  it("are taken one by one: what is wrong is told by its index", async () => {
    const id = await create();
    const answer = await push(id, [
      { t: 1, v: [1, 2], key: "a" },
      { t: 2, v: [1, 2, 3], key: "a" },
      { t: 3, v: [1, "x"], key: "a" },
      { t: 4, v: [1, 2] },
    ]);
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({ accepted: 2, rejected: [{ index: 1 }, { index: 2 }] });
  });

  it("come as lines too, in whatever pieces", async () => {
    const id = await create();
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, t) => `${JSON.stringify({ t, v: [t, -t] })}\n`).join(""));
    const body = Array.from({ length: 10 }, (_, i) => bytes.subarray(i * 500, i === 9 ? undefined : (i + 1) * 500));
    const headers = { "Content-Type": "application/x-ndjson" };
    const answer = await api.call(`/v1/streams/${id}/points`, { method: "POST", headers, body });
    expect([answer.status, answer.json()]).toEqual([202, { accepted: 100, rejected: [] }]);
  });

  it("of a body that cannot be parsed are refused together", async () => {
    const id = await create();
    for (const body of ['{"points":[{"t":1,"v":[1,2]}', '{"points":[{"t":1,"v":[NaN,2]}]}'])
      refused(await api.post(`/v1/streams/${id}/points`, body), 400, "invalid_json");
  });

  it("are one batch under one idempotency key", async () => {
    const id = await create();
    const headers = { "Idempotency-Key": randomUUID() };
    const first = await push(id, [{ t: 1, v: [1, 2] }], headers);
    const again = await push(id, [{ t: 1, v: [1, 2] }], headers);
    expect([again.status, again.json()]).toEqual([202, first.json()]);
    refused(await push(id, [{ t: 2, v: [1, 2] }], headers), 422, "idempotency_key_reused");
  });

  it("ahead of the clock are kept among the rejected ones", async () => {
    const id = await create();
    const t = Date.now() + 86_400_000;
    const answer = await push(id, [{ t, v: [1, 2], key: "ahead" }]);
    expect(answer.json()).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
    const items = await until("the point to be listed", async () => {
      const found = (await api.get(`/v1/streams/${id}/rejected`)).json<{ items: Rejected[] }>().items;
      return found.length > 0 && found;
    });
    expect(items).toMatchObject([{ key: "ahead", t, v: [1, 2], reason: "quarantined" }]);
  });
});

interface Result {
  readonly id: string;
  readonly key: string;
  readonly window_start: string;
  readonly window_end: string;
  readonly revision: number;
  readonly points: number;
  readonly diagrams: unknown;
  readonly outputs: { readonly change_score?: { readonly distance: number | null; readonly z_score: number | null } };
}

const results = async (id: string, query = ""): Promise<Result[]> =>
  (await api.get(`/v1/streams/${id}/results${query}`)).json<{ items: Result[] }>().items;

const resultsOf = (id: string, count: number, query = "") =>
  until(`${count} results`, async () => {
    const found = await results(id, query);
    return found.length >= count && found;
  });

/** Points of a circle, one each 100 ms. */
const circle = (from: number, count: number, radius = 1) =>
  Array.from({ length: count }, (_, i) => ({
    t: from + 100 * i,
    v: [radius * Math.cos(i * 0.7), radius * Math.sin(i * 0.7)],
  }));

describe("results", () => {
  it("are the diagrams of the compute call for the window's points", async () => {
    const id = await create();
    const points = circle(0, 21);
    await push(id, points);
    const found = await resultsOf(id, 2);
    expect(found.map(({ window_start, window_end, points: count }) => [window_start, window_end, count])).toEqual([
      ["1970-01-01T00:00:01.000Z", "1970-01-01T00:00:02.000Z", 10],
      ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:01.000Z", 10],
    ]);
    for (const [index, from] of [10, 0].entries()) {
      const cloud = points.slice(from, from + 10).map(({ v }) => v);
      expect(found[index]!.diagrams).toEqual(computed(await api.compute({ points: cloud })).diagrams);
    }
  });

  it("have revisions where late points are allowed, and other late points are rejected", async () => {
    const id = await create({ allowed_lateness_ms: 1_000 });
    await push(id, [...circle(0, 10), { t: 1_500, v: [0, 0] }]);
    await resultsOf(id, 1);
    await push(id, [{ t: 950, v: [3, 3] }]);
    await until("the revision", async () => (await results(id))[0]?.revision === 1);
    expect(await results(id)).toMatchObject([{ points: 11, revision: 1 }]);
    expect((await results(id, "?revisions=all")).map(({ revision }) => revision).toSorted()).toEqual([0, 1]);
    await push(id, [
      { t: 9_000, v: [0, 0] },
      { t: 10, v: [5, 5] },
    ]);
    const items = await until("the late point to be listed", async () => {
      const found = (await api.get(`/v1/streams/${id}/rejected`)).json<{ items: Rejected[] }>().items;
      return found.length > 0 && found;
    });
    expect(items).toMatchObject([{ t: 10, v: [5, 5], reason: "late" }]);
  });

  it("come of a flush, and when a key has been idle", async () => {
    const id = await create({ idle_timeout_ms: 300 });
    await push(
      id,
      circle(0, 5).map((point) => ({ ...point, key: "idle" })),
    );
    expect(await resultsOf(id, 1, "?key=idle")).toMatchObject([{ key: "idle", points: 5 }]);
    const other = await create({ idle_timeout_ms: 3_600_000 });
    await push(other, circle(0, 5));
    const flushed = await api.post(`/v1/streams/${other}/flush`, "");
    expect([flushed.status, flushed.json()]).toEqual([202, { keys: 1 }]);
    expect(await resultsOf(other, 1)).toMatchObject([{ key: "", points: 5 }]);
  });

  it("score the change from one window to the next", async () => {
    const id = await create({ window: { type: "count", count: 10 }, outputs: ["diagrams", "change_score"] });
    for (let window = 0; window < 3; window++) await push(id, circle(1_000 * window, 10, window === 2 ? 3 : 1));
    const found = (await resultsOf(id, 3)).toReversed();
    const distances = found.map(({ outputs }) => outputs.change_score?.distance ?? null);
    expect(distances.slice(0, 2)).toEqual([null, 0]);
    expect(distances[2]).toBeGreaterThan(0.5);
    expect(found.map(({ diagrams }) => (diagrams as unknown[]).length)).toEqual([2, 2, 2]);
  });

  it("are followed as they come, and what was missed is told", async () => {
    const id = await create({ window: { type: "count", count: 3 } });
    const events: string[] = [];
    const listening = new AbortController();
    const live = `/v1/streams/${id}/results/live`;
    api.follow(live, { "Last-Event-ID": "0" }, listening.signal, (text) => events.push(text));
    await push(id, circle(0, 6));
    await until("two results", () => events.join("").match(/event: result/g)?.length === 2);
    expect(events.join("")).toMatch(/id: 1\n.*id: 2\n/s);
    listening.abort();
  });
});
