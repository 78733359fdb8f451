import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { appendResults, createStream, listResults, resultOf } from "../../../../test/support/streams.ts";
import { TestBed, type TestServer, until } from "../../../../test/support/test-bed.ts";
import { valueSealer } from "../../../domain/storage/value-sealer.ts";
import { newResult } from "../../../domain/streams/result-view.ts";
import type { NewResult } from "../../../domain/streams/stream.ts";
import type { SinkBatch } from "../../../domain/streams/stream-store.ts";
import { PostgresSinkStore } from "./postgres-sink-store.ts";
import { deleteOldStreamRows } from "./stream-retention.ts";

let bed: TestBed;
let server: TestServer;
let store: PostgresSinkStore;
let pool: pg.Pool;
let partition = 1_000;

beforeAll(async () => {
  bed = await TestBed.open();
  pool = bed.systemPool();
  store = new PostgresSinkStore(pool, valueSealer(bed.keyring));
});
afterEach(() => bed.endServers());
afterAll(async () => {
  await pool.end();
  await bed.end();
});

const project = () => bed.database.defaultProjectId;
const sha = (byte: number) => new Uint8Array(32).fill(byte);
const batch = (results: readonly NewResult[], more: Partial<SinkBatch> = {}): SinkBatch => ({
  log: "test",
  topic: "results",
  partition: partition++,
  from: null,
  next: results.length,
  results,
  rejections: [],
  ...more,
});
const positionsOf = async (streamId: string) =>
  (
    await bed.rows<{ position: string; window_seq: string; revision: number }>(
      "select position, window_seq, revision from tda.stream_results where stream_id = $1 order by position",
      [streamId],
    )
  ).map(({ position, window_seq, revision }) => [Number(position), Number(window_seq), revision]);

describe("the sink's store", () => {
  it("keeps the first result under a name, ignores the same again, and counts others", async () => {
    server = await bed.server();
    const stream = await createStream(server);
    const named = (window_seq: number, byte: number) =>
      newResult(resultOf(stream, project(), { window_seq, points: byte }), sha(byte), []);
    expect(await store.store(batch([named(0, 1), named(1, 1), named(0, 1)]))).toEqual({
      stored: 2,
      divergent: 0,
      streamIds: [stream.id],
    });
    expect(await store.store(batch([named(0, 2), named(1, 1), named(2, 1)]))).toMatchObject({
      stored: 1,
      divergent: 1,
    });
    expect(await positionsOf(stream.id)).toEqual([
      [1, 0, 0],
      [2, 1, 0],
      [3, 2, 0],
    ]);
    const { items } = await listResults(server, stream.id, "?revisions=all");
    expect(items.map(({ points }) => points)).toEqual([1, 1, 1]);
  });

  it("keeps the windows of a key that was forgotten apart from those that it counts again", async () => {
    server = await bed.server();
    const stream = await createStream(server);
    const opened = (opened_at: number, revision: number, points: number) =>
      newResult(resultOf(stream, project(), { window_seq: 0, opened_at, revision, points }), sha(points), []);
    const results = [opened(1_000, 0, 1), opened(1_000, 1, 2), opened(9_000, 0, 3)];
    expect(await store.store(batch([...results, ...results]))).toMatchObject({ stored: 3, divergent: 0 });
    const { items } = await listResults(server, stream.id, "?revisions=all");
    expect(items.map(({ points }) => points).sort()).toEqual([1, 2, 3]);
    const latest = await listResults(server, stream.id);
    expect(latest.items.map(({ points }) => points).sort()).toEqual([2, 3]);
  });

  it("stores a batch and how far it goes together, and nothing where another has gone on", async () => {
    server = await bed.server();
    const stream = await createStream(server);
    const result = (window_seq: number) => newResult(resultOf(stream, project(), { window_seq }), sha(1), []);
    const place = { log: "test", topic: "results", partition: 7 } as const;
    expect(await store.next(place)).toBeNull();
    expect(await store.store(batch([result(0)], { ...place, next: 5 }))).not.toBeNull();
    expect(await store.next(place)).toBe(5);
    for (const from of [null, 4, 6])
      expect(await store.store(batch([result(1)], { ...place, from, next: 9 })), String(from)).toBeNull();
    expect(await positionsOf(stream.id)).toHaveLength(1);
    expect(await store.store(batch([result(1)], { ...place, from: 5, next: 9 }))).toMatchObject({ stored: 1 });
    expect(await store.next({ ...place, log: "another" })).toBeNull();
    // What the database refuses moves nothing.
    const bad = { ...result(2), sha256: new Uint8Array(3) };
    await expect(store.store(batch([bad], { ...place, from: 9, next: 11 }))).rejects.toThrow();
    expect(await store.next(place)).toBe(9);
  });

  it("numbers a stream's results without gaps, from any number of sinks at once", async () => {
    server = await bed.server();
    const [one, two] = [await createStream(server), await createStream(server)];
    const pools = Array.from({ length: 3 }, () => bed.systemPool());
    const stores = pools.map((own) => new PostgresSinkStore(own, valueSealer(bed.keyring)));
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        const both = [one, two].map((stream) =>
          newResult(resultOf(stream, project(), { key: `k${i}`, window_seq: i }), sha(1), []),
        );
        return stores[i % 3]!.store(batch(i % 2 === 0 ? both : both.toReversed()));
      }),
    );
    await Promise.all(pools.map((own) => own.end()));
    const all = Array.from({ length: 30 }, (_, i) => i + 1);
    expect((await positionsOf(one.id)).map(([position]) => position)).toEqual(all);
    expect((await positionsOf(two.id)).map(([position]) => position)).toEqual(all);
  });

  it("seals what it stores", async () => {
    server = await bed.server();
    const stream = await createStream(server);
    await store.store(batch([newResult(resultOf(stream, project(), { threshold: 4242.25 }), sha(1), [])]));
    const [row] = await bed.rows<{ body: Buffer }>("select body from tda.stream_results where stream_id = $1", [
      stream.id,
    ]);
    expect(row!.body.includes("4242.25")).toBe(false);
    expect((await listResults(server, stream.id)).items[0]!.provenance.threshold).toBe(4242.25);
  });

  it("makes a webhook of each alert with a callback, once", async () => {
    server = await bed.server();
    const stream = await createStream(server, {
      outputs: ["change_score"],
      alerts: [
        { name: "told", level: 3, callback_url: "https://hooks.example.org/a" },
        { name: "silent", level: 3 },
      ],
    });
    const given = resultOf(stream, project(), {
      alerts: ["told", "silent", "gone"],
      change_distance: 2,
      change_z_score: 5,
    });
    const result = newResult(given, sha(1), ["change_score"]);
    await store.store(batch([result]));
    await store.store(batch([result]));
    const answer = await server.get(`/v1/webhooks/deliveries?stream_id=${stream.id}`);
    const { items } = (await answer.json()) as { items: object[] };
    expect(items).toMatchObject([
      {
        type: "stream.alert",
        stream_id: stream.id,
        job_id: null,
        url: "https://hooks.example.org/a",
        status: "pending",
      },
    ]);
    const [row] = await bed.rows<{ body: string }>("select body from tda.webhook_deliveries where stream_id = $1", [
      stream.id,
    ]);
    expect(JSON.parse(row!.body)).toMatchObject({
      type: "stream.alert",
      data: { stream_id: stream.id, alert: "told", key: "", distance: 2, z_score: 5, result_id: result.id },
    });
  });
});

describe("sinks", () => {
  it("share the partitions, and store each result once whoever comes and goes", async () => {
    server = await bed.server();
    const stream = await createStream(server);
    const sinks = [await bed.sink(), await bed.sink()];
    const values = (from: number) =>
      Array.from({ length: 100 }, (_, i) =>
        resultOf(stream, project(), { key: `k${(from + i) % 20}`, window_seq: from + i }),
      );
    await appendResults(bed, values(0));
    await appendResults(bed, values(0));
    await until(async () => (await positionsOf(stream.id)).length === 100);
    await sinks[0]!.stop();
    await appendResults(bed, values(100));
    await until(async () => (await positionsOf(stream.id)).length === 200);
    expect((await positionsOf(stream.id)).map(([position]) => position)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    const divergence = await Promise.all(sinks.map(({ metrics }) => metrics.text()));
    for (const text of divergence) expect(text).toContain("tda_results_divergence_total 0");
  });
});

describe("retention", () => {
  it("deletes what is old, and all of a deleted stream", async () => {
    server = await bed.server();
    const [kept, gone] = [await createStream(server), await createStream(server)];
    for (const stream of [kept, gone]) {
      await store.store(batch([newResult(resultOf(stream, project()), sha(1), [])]));
      await server.post({ points: [{ t: 1, v: [1, 2], key: "a" }] }, {}, `/v1/streams/${stream.id}/points`);
    }
    await store.store(batch([newResult(resultOf(kept, project(), { window_seq: 1 }), sha(1), [])]));
    await bed.rows(
      "update tda.stream_results set created_at = now() - interval '10 days' where stream_id = $1 and window_seq = 0",
      [kept.id],
    );
    await fetch(`${server.url}/v1/streams/${gone.id}`, { method: "DELETE" });
    const retention = { resultDays: 5, rejectedDays: 5, keyTtlMs: 1_000_000 };
    await deleteOldStreamRows(pool, retention);
    expect(await positionsOf(kept.id)).toEqual([[2, 1, 0]]);
    for (const table of [
      "streams where id",
      "stream_results where stream_id",
      "stream_keys where stream_id",
      "stream_definitions where stream_id",
    ])
      expect(await bed.rows(`select 1 from tda.${table} = $1`, [gone.id]), table).toEqual([]);
    await bed.rows("update tda.stream_keys set seen_at = now() - interval '1 hour'");
    await deleteOldStreamRows(pool, { ...retention, keyTtlMs: 60_000 });
    expect(await bed.rows("select key_count from tda.streams where id = $1", [kept.id])).toEqual([{ key_count: 0 }]);
  });
});
