import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { PointBatch } from "./point-batch.ts";
import { PointRate } from "./point-rate.ts";
import { readJsonPoints, readLines } from "./read-points.ts";

const LATEST = 2_000_000_000_000;
const head = { project_id: "prj_1", stream_id: "str_1", definition_version: 1, received_at: 5, batch_id: "b" };
const batchOf = (points: readonly unknown[], dimension = 2): PointBatch => {
  const batch = new PointBatch(dimension, LATEST);
  for (const point of points) batch.add(point);
  return batch;
};

describe("a batch of points", () => {
  it("keeps the good ones by key, in their order, and names the others by their index", () => {
    const batch = batchOf([
      { t: 1, v: [1, 2], key: "a" },
      { t: 2, v: [1, 2, 3] },
      { t: 0, v: [3, 4], key: "a" },
      { t: 3, v: [5, 6] },
      { t: 4, v: [7, 8], key: null },
    ]);
    expect(batch.accepted).toBe(4);
    expect(batch.rejected.map(({ index }) => index)).toEqual([1]);
    const events = batch.events(head);
    expect(events.map(({ key }) => key)).toEqual(["a", ""]);
    expect(events[0]!.points).toEqual([
      { index: 0, t: 1, v: [1, 2] },
      { index: 2, t: 0, v: [3, 4] },
    ]);
    expect(events[1]!.points.map(({ index }) => index)).toEqual([3, 4]);
    for (const event of events) expect(event).toMatchObject({ kind: "points", batch_part: 0, last_seq: null });
  });

  it.each([
    ["a number", 5],
    ["null", null],
    ["an array", [1, [1, 2]]],
    ["no time", { v: [1, 2] }],
    ["a time that is no integer", { t: 1.5, v: [1, 2] }],
    ["a time as text", { t: "1", v: [1, 2] }],
    ["a time beyond the calendar", { t: 9e15, v: [1, 2] }],
    ["no vector", { t: 1 }],
    ["too few numbers", { t: 1, v: [1] }],
    ["text among numbers", { t: 1, v: [1, "2"] }],
    ["null among numbers", { t: 1, v: [1, null] }],
    ["an overflow", { t: 1, v: [1, Number.POSITIVE_INFINITY] }],
    ["a key that is no text", { t: 1, v: [1, 2], key: 7 }],
    ["a key that is too long", { t: 1, v: [1, 2], key: "x".repeat(257) }],
    ["a key with U+0000", { t: 1, v: [1, 2], key: "a\0b" }],
    ["a key with half a character", { t: 1, v: [1, 2], key: "\ud800" }],
    ["a field that it does not know", { t: 1, v: [1, 2], kye: "a" }],
  ])("rejects %s", (_name, point) => {
    const batch = batchOf([point]);
    expect([batch.accepted, batch.rejected.length, batch.events(head)]).toEqual([0, 1, []]);
  });

  it("quarantines what is ahead of the clock", () => {
    const batch = batchOf([
      { t: LATEST, v: [1, 2] },
      { t: LATEST + 1, v: [1, 2], key: "k" },
    ]);
    expect(batch.accepted).toBe(1);
    expect(batch.quarantined).toEqual([{ key: "k", index: 1, t: LATEST + 1, v: [1, 2] }]);
    expect(batch.rejected.map(({ index }) => index)).toEqual([1]);
  });

  it("has the same parts and hashes for the same content, and others for another", () => {
    const points = Array.from({ length: 9_000 }, (_, t) => ({ t, v: [t, -t] }));
    const [one, again] = [batchOf(points).events(head), batchOf(points).events(head)];
    expect(one).toEqual(again);
    expect(one.map(({ batch_part, points: own }) => [batch_part, own.length])).toEqual([
      [0, 4096],
      [1, 4096],
      [2, 808],
    ]);
    expect(one.every(({ body_hash }) => body_hash.length === 16)).toBe(true);
    const other = batchOf(points.map((point, i) => (i === 4095 ? { ...point, v: [0, 0] } : point))).events(head);
    expect(other.map(({ body_hash }, i) => Buffer.compare(body_hash, one[i]!.body_hash) === 0)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("has a bound", () => {
    const batch = batchOf(Array.from({ length: 100_000 }, (_, t) => ({ t, v: [1, 2] })));
    expect(() => batch.add({ t: 1, v: [1, 2] })).toThrow(expect.objectContaining({ code: "stream_batch_too_large" }));
  });
});

describe("bodies", () => {
  const body = (points: readonly unknown[]) => Buffer.from(JSON.stringify({ points }));
  const many = Array.from({ length: 60_000 }, (_, t) => ({ t, v: [t / 7, 1 - t], key: `k"é,[${t % 3}` }));

  it("are read as JSON, large ones like small ones", async () => {
    const large = new PointBatch(2, LATEST);
    expect(body(many).length).toBeGreaterThan(2 * 1_048_576);
    await readJsonPoints(body(many), large);
    expect(large.events(head)).toEqual(batchOf(many).events(head));
    const none = new PointBatch(2, LATEST);
    await readJsonPoints(Buffer.from(' { "points" : [ ] } '), none);
    expect(none.accepted + none.rejected.length).toBe(0);
  });

  it.each([
    ["cut", body(many).subarray(0, -5), "invalid_json"],
    ["NaN", Buffer.from('{"points":[{"t":1,"v":[NaN,1]}]}'), "invalid_json"],
    ["of another form", Buffer.from('{"point":[]}'), "validation_failed"],
    ["with more", Buffer.from('{"points":[],"more":1}'), "unknown_field"],
    ["no object", Buffer.from("[]"), "validation_failed"],
    ["deep", Buffer.from(`{"points":${"[".repeat(40)}${"]".repeat(40)}}`), "json_too_deep"],
  ])("that are %s are refused whole", async (_name, bytes, code) => {
    const batch = new PointBatch(2, LATEST);
    await expect(readJsonPoints(bytes, batch)).rejects.toMatchObject({ code });
    expect(batch.accepted).toBe(0);
  });

  it("are read line by line, however they are cut", async () => {
    const text = `${many
      .slice(0, 500)
      .map((point) => JSON.stringify(point))
      .join("\n")}\n\nnonsense\r\n{"t":7,"v":[1,2]}`;
    const bytes = Buffer.from(text);
    for (const size of [1, 7, 4_096, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const batch = new PointBatch(2, LATEST);
      await readLines(Readable.from(chunks), batch, bytes.length);
      expect([batch.accepted, batch.rejected.map(({ index }) => index)]).toEqual([501, [500]]);
    }
    const bounded = readLines(Readable.from([bytes]), new PointBatch(2, LATEST), bytes.length - 1);
    await expect(bounded).rejects.toMatchObject({ code: "body_too_large" });
  });
});

describe("the rate of a project", () => {
  it("lets a burst through and then as many as are earned", () => {
    const rate = new PointRate(100);
    expect(rate.take("a", 250, 0)).toBe(0);
    expect(rate.take("a", 1, 1_000)).toBeGreaterThan(0.4);
    expect(rate.take("b", 1, 1_000)).toBe(0);
    expect(rate.take("a", 1, 2_000)).toBe(0);
    expect(new PointRate(0).take("a", 1e9, 0)).toBe(0);
  });
});
