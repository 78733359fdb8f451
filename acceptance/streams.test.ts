import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { until } from "./support/poll.ts";
import { type Target, target } from "./support/product.ts";
import { refused } from "./support/shapes.ts";

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
