import { createHash } from "node:crypto";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { STREAM_RESULT } from "@tda-platform/contract/events/stream-result";
import { createHostPool, type HostPool } from "@tda-platform/engine";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { encodeAvro } from "../../src/domain/log/avro.ts";
import { GOLDEN_CASES } from "../../src/domain/streams/testing/golden/all-cases.ts";
import { definition, LogBuilder, sliding } from "../../src/domain/streams/testing/log-builder.ts";
import { runLog } from "../../src/domain/streams/testing/run-log.ts";
import { toHex } from "../../src/domain/streams/testing/vector.ts";
import { distinct, StreamBed } from "../support/stream-bed.ts";
import { until } from "../support/test-bed.ts";

let bed: StreamBed;
let engine: HostPool;

beforeAll(async () => {
  bed = await StreamBed.open();
  engine = await createHostPool({ size: 2 });
});
afterEach(() => bed.endRunners());
afterAll(async () => {
  await engine?.close();
  await bed?.end();
});

const HOUR_MS = 3_600_000;
let streams = 0;
/** A stream of its own, whose keys nothing but its records moves. */
function streamOf(fields: Partial<StreamDefinition>, idleMs = HOUR_MS, ttlMs = 24 * HOUR_MS): StreamDefinition {
  return definition({ ...fields, idle_timeout_ms: idleMs, key_ttl_ms: ttlMs, stream_id: `str_${streams++}` });
}

/** Records of a stream. */
function eventsOf({ stream_id }: StreamDefinition, log: LogBuilder): StreamEvent[] {
  return log.records.map(({ event }) => ({ ...event, stream_id }));
}

/** Keys of noise around a circle that goes, a point every 10 ms, in records of ten. */
function circles(stream: StreamDefinition, keys: number, records: number, from = 0): StreamEvent[] {
  const log = new LogBuilder();
  for (let record = from; record < from + records; record++) {
    for (let key = 0; key < keys; key++) {
      const points = Array.from({ length: 10 }, (_, i) => {
        const n = 10 * record + i;
        const radius = n % 700 < 350 ? 1 : 0.2;
        return [
          10 * n,
          radius * Math.cos(n * 0.7) + noise(n, key),
          radius * Math.sin(n * 0.7) + noise(key, n),
        ] as const;
      });
      log.points(points, { key: `key ${key}`, batchId: `bat_${record}`, body: `${record}` });
    }
  }
  return eventsOf(stream, log);
}

function noise(a: number, b: number): number {
  return createHash("sha256").update(`${a},${b}`).digest().readUInt16LE(0) / 655_360;
}

const changing: Partial<StreamDefinition> = {
  ...sliding(1000, 250, {
    point_dimension: 2,
    max_dimension: 1,
    outputs: ["diagrams", "persistence_entropy", "change_score"],
  }),
  ...{ allowed_lateness_ms: 500, max_revisions: 2, change_dimensions: [0, 1] },
  alerts: [{ name: "change", level: 3, run_length: 1, cool_down: 3 }],
};

/** What the records give without log, database and restarts. */
async function expectedOf(stream: StreamDefinition, events: readonly StreamEvent[]) {
  const records = events.map((event, offset) => ({ partition: 0, offset, event }));
  const { results } = await runLog(engine, { definitions: [stream], records });
  return results;
}

/** In the order in which each key gives them. */
const byKey = <Value extends { readonly key: string }>(values: readonly Value[]): Value[] =>
  [...values].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
const hex = (results: Parameters<typeof distinct>[0]) =>
  byKey(results).map((one) => toHex(encodeAvro(STREAM_RESULT, one)));

async function consumedAll(): Promise<void> {
  await until(async () => {
    const [row] = await bed.bed.rows<{ left: number }>(
      `select coalesce(sum(p.next_offset - coalesce(s.next_offset, 0)), 0)::int as left from tda.log_partitions p
       left join tda.stream_positions s on s.partition = p.partition and s.log = 'embedded' where p.topic = 'events'`,
    );
    return row?.left === 0;
  });
}

describe("the embedded stream engine", () => {
  it("gives the golden results, from a real log", async () => {
    bed.runner(engine);
    // Those with a time for their definitions are another test's.
    const cases = GOLDEN_CASES.filter(
      ({ log }) => log.definitionsKnownAfter === undefined && log.deletedAfter === undefined,
    );
    const definitions: StreamDefinition[] = [];
    const events: StreamEvent[] = [];
    for (const [i, { log }] of cases.entries()) {
      const stream_id = `str_golden_${i}`;
      definitions.push(...log.definitions.map((one) => ({ ...one, stream_id, idle_timeout_ms: HOUR_MS })));
      events.push(...log.records.map(({ event }) => ({ ...event, stream_id })));
    }
    await bed.define(...definitions);
    await bed.send(...events);
    await consumedAll();
    const results = Map.groupBy(await bed.values("results"), ({ stream_id }) => stream_id);
    const rejections = Map.groupBy(await bed.values("rejected"), ({ stream_id }) => stream_id);
    for (const [i, { name, log }] of cases.entries()) {
      const wanted = await runLog(engine, log);
      const got = results.get(`str_golden_${i}`) ?? [];
      const renamed = distinct(got).map((one) => ({ ...one, stream_id: "str_golden" }));
      expect(hex(renamed), name).toEqual(hex(wanted.results));
      const rejected = byKey(rejections.get(`str_golden_${i}`) ?? []);
      expect(
        rejected.map(({ key, code, t, reason }) => ({ key, code, t, reason })),
        name,
      ).toEqual(byKey(wanted.rejected).map(({ key, code, t, reason }) => ({ key, code, t, reason })));
    }
  });

  it("goes on where it was when it is stopped, and everything comes once and in order", async () => {
    const stream = streamOf(changing);
    await bed.define(stream);
    const events = circles(stream, 3, 40);
    const { runner } = bed.runner(engine);
    await bed.send(...events.slice(0, 60));
    await until(async () => (await bed.results(stream.stream_id)).length > 5);
    await runner.stop();
    await bed.send(...events.slice(60));
    bed.runner(engine);
    await consumedAll();
    expect(hex(await bed.results(stream.stream_id))).toEqual(hex(await expectedOf(stream, events)));
  });

  it("keeps states sealed, and only of projects", async () => {
    const stream = streamOf({ point_dimension: 1, size_ms: 1_000_000, slide_ms: 1_000_000 });
    await bed.define(stream);
    bed.runner(engine);
    await bed.send(...eventsOf(stream, new LogBuilder().points([[1, 1234.5]], { key: "sealed" })));
    await consumedAll();
    const rows = await bed.bed.rows<{ state: Buffer; project_id: string }>(
      "select state, project_id from tda.stream_states where stream_id = $1",
      [stream.stream_id],
    );
    expect(rows).toHaveLength(1);
    const plain = Buffer.from(Float64Array.of(1234.5).buffer);
    expect(rows[0]!.state.includes(plain)).toBe(false);
    expect(rows[0]!.project_id).toBe(stream.project_id);
    await expect(bed.bed.projectPool().query("select from tda.stream_states")).rejects.toThrow(/permission denied/);
  });

  it("waits for definitions, and forgets what was deleted", async () => {
    const stream = streamOf({});
    const { runner } = bed.runner(engine);
    const events = eventsOf(stream, new LogBuilder().points([100]).points([1100, 2100]));
    await bed.send(events[0]!);
    await consumedAll();
    // Also over a restart.
    await runner.stop();
    bed.runner(engine);
    await bed.define(stream);
    await bed.send(events[1]!);
    await until(async () => (await bed.results(stream.stream_id)).length === 2);
    await consumedAll();
    await bed.delete(stream.stream_id, 1);
    const states = "select from tda.stream_states where stream_id = $1";
    await until(async () => (await bed.bed.rows(states, [stream.stream_id])).length === 0);
    await bed.send(...eventsOf(stream, new LogBuilder().points([9000, 9999, 12_000])));
    await consumedAll();
    expect(await bed.results(stream.stream_id)).toHaveLength(2);
    expect(await bed.bed.rows(states, [stream.stream_id])).toEqual([]);
  });

  it("flushes keys that nothing comes for, and forgets them later", async () => {
    const stream = streamOf({}, 300, 1_500);
    await bed.define(stream);
    bed.runner(engine);
    await bed.send(...eventsOf(stream, new LogBuilder().points([5, 7])));
    const results = await until(async () => {
      const all = await bed.results(stream.stream_id);
      return all.length > 0 && all;
    });
    expect(results).toMatchObject([{ window_seq: 0, revision: 0, window_start: 0, points: 2 }]);
    const states = "select from tda.stream_states where stream_id = $1";
    await until(async () => (await bed.bed.rows(states, [stream.stream_id])).length === 0);
    const flushes = await Promise.all(
      (await bed.records("events"))
        .filter(({ key }) => key === `${stream.stream_id}\nk`)
        .map(async ({ value }) => await bed.codec.decode("events", value!)),
    );
    expect(flushes.map(({ kind, last_seq, forget }) => [kind, last_seq, forget])).toEqual([
      ["points", null, false],
      ["flush", 2, false],
      ["flush", 2, true],
    ]);
    expect(await bed.results(stream.stream_id)).toHaveLength(1);
  });

  it("rejects what it cannot decode, and goes on", async () => {
    const stream = streamOf({});
    await bed.define(stream);
    const { metrics } = bed.runner(engine);
    const key = `${stream.stream_id}\nk`;
    await bed.log.append([
      { topic: "events", key, value: Buffer.from("no such thing"), headers: {} },
      { topic: "events", key, value: Buffer.alloc(100_000, 1), headers: {} },
    ]);
    await bed.send(...eventsOf(stream, new LogBuilder().points([1, 1000])));
    await until(async () => (await bed.results(stream.stream_id)).length === 1);
    const rejected = await bed.rejected(stream.stream_id);
    expect(rejected).toMatchObject([
      { project_id: "", key: "k", reason: "poison", code: "undecodable_record", t: null },
      { project_id: "", key: "k", reason: "poison", code: "undecodable_record", t: null },
    ]);
    expect(Buffer.from(rejected[0]!.raw!).toString()).toBe("no such thing");
    expect(rejected[1]!.raw).toHaveLength(65_536);
    const text = await metrics.text();
    expect(text).toContain('tda_stream_records_total{kind="undecodable"} 2');
    expect(text).toContain('tda_stream_windows_total{outcome="result"} 1');
    expect(text).toContain('tda_stream_rejected_total{code="undecodable_record"} 2');
    expect(text).toMatch(/tda_stream_lag_records\{partition="\d+"\} 0/);
    expect(text).toContain("tda_stream_evaluation_seconds_count 1");
  });

  it("gives up a window that its hosts die of, once, while other keys go on", async () => {
    // It would take half a minute.
    const stream = streamOf({
      ...{ point_dimension: 10, max_dimension: 3, max_points_per_window: 1000, max_engine_bytes: 2 ** 34 },
      outputs: ["persistence_entropy"],
    });
    await bed.define(stream);
    bed.runner(engine);
    const cloud = Array.from(
      { length: 990 },
      (_, i) => [i, ...Array.from({ length: 10 }, (_, j) => noise(i, j))] as const,
    );
    const origin = Array.from({ length: 10 }, () => 0);
    const hard = new LogBuilder().points([...cloud, [1000, ...origin], [2000, ...origin]], { key: "hard" });
    await bed.send(...eventsOf(stream, hard));
    const killed = new Set<number>();
    for (let easy = 0; easy < 3; easy++) {
      const processId = await until(() => busyHosts().find((one) => !killed.has(one)));
      const log = new LogBuilder().points([[1000 * easy, ...origin]], {
        key: "easy",
        batchId: `bat_${easy}`,
        body: `${easy}`,
      });
      await bed.send(...eventsOf(stream, log));
      await until(async () => (await bed.results(stream.stream_id)).length === easy);
      process.kill(processId, "SIGKILL");
      killed.add(processId);
    }
    await consumedAll();
    expect(await bed.rejected(stream.stream_id)).toMatchObject([
      { key: "hard", reason: "failed", code: "engine_crashed", origin: "window:1:0:0", t: 0 },
    ]);
    const results = await bed.results(stream.stream_id);
    expect(byKey(results).map(({ key, window_seq }) => [key, window_seq])).toEqual([
      ["easy", 0],
      ["easy", 1],
      ["hard", 1],
    ]);
  });
});

function busyHosts(): number[] {
  return engine
    .statistics()
    .hosts.flatMap(({ state, processId }) => (state === "busy" && processId !== null ? [processId] : []));
}

describe("stream engines in processes of their own", () => {
  it("leave nothing out and nothing different when one is killed at any moment", async () => {
    const stream = streamOf(changing);
    await bed.define(stream);
    const events = circles(stream, 4, 60);
    let child = await bed.process();
    for (let i = 0; i < events.length; i += 40) {
      await bed.send(...events.slice(i, i + 40));
      await new Promise((resolve) => setTimeout(resolve, 120));
      if (i % 80 === 40) {
        child.kill("SIGKILL");
        child = await bed.process();
      }
    }
    await consumedAll();
    // What was done between a checkpoint and a kill is there twice, as the same bytes.
    const results = await bed.results(stream.stream_id);
    const first = distinct(results);
    expect(hex(first)).toEqual(hex(await expectedOf(stream, events)));
    expect(new Set(hex(results)).size).toBe(first.length);
  }, 60_000);

  it("share the partitions; one that is frozen past its lease changes nothing when it comes back", async () => {
    const stream = streamOf(changing);
    await bed.define(stream);
    const events = circles(stream, 8, 40);
    const [first] = await Promise.all([bed.process(), bed.process()]);
    const owners =
      "select count(distinct owner)::int as owners from tda.partition_leases where group_name = 'stream' and owner is not null";
    await until(async () => (await bed.bed.rows<{ owners: number }>(owners))[0]?.owners === 2);
    await bed.send(...events.slice(0, 160));
    await until(async () => (await bed.results(stream.stream_id)).length > 20);
    first.kill("SIGSTOP");
    await bed.send(...events.slice(160));
    // The other one takes over.
    await consumedAll();
    const expected = hex(await expectedOf(stream, events));
    expect(hex(distinct(await bed.results(stream.stream_id)))).toEqual(expected);
    first.kill("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const results = await bed.results(stream.stream_id);
    expect(hex(distinct(results))).toEqual(expected);
    expect(new Set(hex(results)).size).toBe(expected.length);
    const more = circles(stream, 8, 10, 40);
    await bed.send(...more);
    await consumedAll();
    expect(hex(distinct(await bed.results(stream.stream_id)))).toEqual(
      hex(await expectedOf(stream, [...events, ...more])),
    );
  }, 60_000);
});
