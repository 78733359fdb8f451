import { STREAM_DEFINITION, type StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { TOPICS, type TopicName } from "@tda-platform/contract/events/topics";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cloud, ended, ripsJob, submit } from "../../../test/support/jobs.ts";
import { TestBed, until } from "../../../test/support/test-bed.ts";
import { computation, silent } from "../../adapters/database/testing/records.ts";
import { LogMetrics } from "../../internal/log-metrics.ts";
import { DependencyUnavailable } from "../errors.ts";
import type { EventLog, LogMessage, LogRecord } from "./event-log.ts";
import { SharedLeases } from "./lease-membership.ts";
import { ObservedLog } from "./observed-log.ts";
import { RegistryCodec } from "./registry-codec.ts";
import { Relay } from "./relay.ts";

let bed: TestBed;
let log: EventLog;
let codec: RegistryCodec;
const relays: Relay[] = [];

beforeAll(async () => {
  bed = await TestBed.open();
  log = bed.database.openEventLog();
  codec = new RegistryCodec({ registry: bed.database.schemas, prefix: "tda_", logger: silent });
  await codec.ready();
});
beforeEach(async () => {
  for (const table of ["jobs", "outbox", "log_records", "computations"]) await bed.rows(`delete from tda.${table}`);
  await bed.rows("update tda.log_partitions set first_offset = next_offset");
});
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
});
afterAll(async () => {
  await log.close();
  await codec.close();
  await bed.end();
});

function startRelay(to: EventLog = log, times = { ttlMs: 3_000, beatMs: 100 }): Relay {
  const leases = new SharedLeases(bed.database.leases, silent, times);
  const relay = new Relay({ outbox: bed.database.outbox, log: to, codec, leases, logger: silent, pollMs: 50 });
  relays.push(relay);
  relay.start();
  return relay;
}

/** All that a topic has, in each partition's order. */
async function recordsOf(topic: TopicName): Promise<readonly LogRecord[]> {
  const all: LogRecord[] = [];
  for (let partition = 0; partition < TOPICS[topic].partitions; partition++) {
    const { first } = await log.bounds(topic, partition);
    const options = { maxRecords: 10_000, maxBytes: 1e8, waitMs: 0, signal: new AbortController().signal };
    all.push(...(await log.read(topic, partition, first, options)));
  }
  return all;
}

/** The same log, which can be away. */
function breakable(): EventLog & { isAway: boolean; losesAnswers: boolean } {
  return {
    kind: "embedded",
    isAway: false,
    losesAnswers: false,
    async append(messages, fences) {
      if (this.isAway) throw new DependencyUnavailable("log", "away", 1);
      const positions = await log.append(messages, fences);
      // It has them, and the sender does not know.
      if (this.losesAnswers) throw new DependencyUnavailable("log", "the answer was lost", 1);
      return positions;
    },
    read: (...args) => log.read(...args),
    partitions: (topic) => log.partitions(topic),
    bounds: (...args) => log.bounds(...args),
    commitGroupOffset: (...args) => log.commitGroupOffset(...args),
    close: async () => undefined,
  };
}

const write = (
  aggregate: string,
  version: number,
  more: { topic?: string; type?: string; payload?: unknown; lane?: number } = {},
) =>
  bed.rows(
    `insert into tda.outbox (project_id, topic, aggregate_id, version, lane, type, payload) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      bed.database.defaultProjectId,
      more.topic ?? "jobs",
      aggregate,
      version,
      more.lane ?? 3,
      more.type ?? "job.progress",
      JSON.stringify(more.payload ?? jobPayload),
    ],
  );
const jobPayload = {
  job_id: "",
  algorithm: "vietoris-rips",
  status: "running",
  attempt: 1,
  progress: 0.5,
  stage: null,
  error: null,
  time: "2026-11-26T10:00:00.123Z",
};
const unmarked = () => bed.rows("select from tda.outbox where published_at is null");

const definition = (version: number): StreamDefinition => ({
  ...(Object.fromEntries(
    STREAM_DEFINITION.fields.map(({ name, type }) => [
      name,
      type === "string" ? name : type === "int" || type === "long" || type === "double" ? 1 : [],
    ]),
  ) as unknown as StreamDefinition),
  project_id: "prj_1",
  stream_id: "str_1",
  version,
  window_type: "tumbling",
  embedding_type: "none",
  change_distance: "bottleneck",
  threshold: null,
});

describe("what happens to jobs", () => {
  it("is in the log, each version once and in order, under the job's key", async () => {
    startRelay();
    const server = await bed.server();
    const worker = bed.worker();
    const jobs = await Promise.all(Array.from({ length: 5 }, () => submit(server, ripsJob(cloud()))));
    for (const { job_id } of jobs) await ended(server, job_id);
    await until(async () => (await unmarked()).length === 0);
    await worker.stop();
    const records = await recordsOf("jobs");
    for (const { job_id } of jobs) {
      const own = records.filter(({ key }) => key === job_id);
      const events = await Promise.all(own.map(({ value }) => codec.decode("jobs", value!)));
      expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
      expect(events.map(({ type }) => type).filter((type) => type !== "job.progress")).toEqual([
        "job.submitted",
        "job.started",
        "job.completed",
      ]);
      expect(events.at(-1)).toMatchObject({
        job_id,
        status: "succeeded",
        project_id: bed.database.defaultProjectId,
        error: null,
      });
      expect(Math.abs(events[0]!.time - Date.now())).toBeLessThan(60_000);
      expect(own[0]!.headers).toEqual({
        ce_specversion: "1.0",
        ce_id: "1",
        ce_source: `/v1/jobs/${job_id}`,
        ce_type: "job.submitted",
        ce_time: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      // Followers of the job still read them from the outbox.
      expect((await bed.database.jobs.events(bed.database.defaultProjectId, job_id, 0, 100)).length).toBe(
        events.length,
      );
    }
  });

  it("waits while the log is away, without holding anybody up, and none is lost or out of order", async () => {
    const away = breakable();
    away.isAway = true;
    startRelay(away);
    const server = await bed.server();
    const worker = bed.worker();
    const { job_id } = await submit(server, ripsJob(cloud()));
    await ended(server, job_id);
    expect((await unmarked()).length).toBeGreaterThanOrEqual(3);
    const backlog = await bed.database.outbox.backlog();
    expect(backlog.rows).toBe((await unmarked()).length);
    expect(await recordsOf("jobs")).toEqual([]);
    away.isAway = false;
    await until(async () => (await unmarked()).length === 0);
    await worker.stop();
    const versions = await versionsOf(job_id);
    expect(versions).toEqual(versions.map((_, i) => i + 1));
    expect(await bed.database.outbox.backlog()).toEqual({ rows: 0, oldestSeconds: 0 });
  });

  it("comes again when the answer of the log was lost, and never skips a version", async () => {
    const lossy = breakable();
    lossy.losesAnswers = true;
    startRelay(lossy);
    for (const version of [1, 2, 3]) await write("job_a", version);
    await until(async () => (await versionsOf("job_a")).length >= 6);
    lossy.losesAnswers = false;
    await until(async () => (await unmarked()).length === 0);
    const versions = await versionsOf("job_a");
    // Who ignores what it has seen sees each once, in order.
    const fresh = versions.filter((version, at) => version > Math.max(0, ...versions.slice(0, at)));
    expect(fresh).toEqual([1, 2, 3]);
  });
});

async function versionsOf(jobId: string): Promise<readonly number[]> {
  const records = (await recordsOf("jobs")).filter(({ key }) => key === jobId);
  return Promise.all(records.map(async ({ value }) => (await codec.decode("jobs", value!)).version));
}

it("does not pass over a version whose transaction began earlier and ends later", async () => {
  // Version 1 is committed after version 2's row has an earlier time, and many aggregates are ahead in the lane.
  for (let i = 0; i < 40; i++) await write(`job_${i}`, 1);
  await write("job_late", 2);
  await write("job_late", 1);
  await bed.rows(
    "update tda.outbox set created_at = now() - interval '1 minute' where aggregate_id = 'job_late' and version = 2",
  );
  startRelay();
  await until(async () => (await unmarked()).length === 0);
  expect(await versionsOf("job_late")).toEqual([1, 2]);
});

it("relays from two processes at once, each event by one of them", async () => {
  for (let i = 0; i < 300; i++) await write(`job_${i}`, 1, { lane: i % 64 });
  const first = startRelay();
  startRelay();
  for (let i = 0; i < 300; i++) await write(`job_${i}`, 2, { lane: i % 64 });
  await first.stop();
  for (let i = 0; i < 300; i++) await write(`job_${i}`, 3, { lane: i % 64 });
  await until(async () => (await unmarked()).length === 0);
  const ofKeys = Map.groupBy(await recordsOf("jobs"), ({ key }) => key);
  expect(ofKeys.size).toBe(300);
  for (const [key, records] of ofKeys)
    expect([key, records.map(({ headers }) => headers.ce_id)]).toEqual([key, ["1", "2", "3"]]);
});

it("leaves out what is no value of its topic, and goes on with what follows", async () => {
  await write("job_bad", 1, { payload: { nothing: true } });
  await write("job_bad", 2);
  await write("x", 1, { topic: "weather" });
  startRelay();
  await until(async () => (await unmarked()).length === 0);
  expect(await versionsOf("job_bad")).toEqual([2]);
});

it("tells of computations, many by one row", async () => {
  startRelay();
  const { defaultProjectId } = bed.database;
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      bed.database.computations.record(
        computation(defaultProjectId, i === 7 ? { status: "failed", errorCode: "bad_input" } : {}),
      ),
    ),
  );
  expect((await bed.rows("select from tda.outbox")).length).toBeLessThan(20);
  await until(async () => (await unmarked()).length === 0);
  const records = await recordsOf("computations");
  const events = await Promise.all(records.map(({ value }) => codec.decode("computations", value!)));
  const ids = await bed.rows<{ id: string }>("select id from tda.computations");
  expect(new Set(events.map(({ computation_id }) => computation_id))).toEqual(new Set(ids.map(({ id }) => id)));
  expect(records.every(({ key }) => key === defaultProjectId)).toBe(true);
  expect(events.filter(({ status }) => status === "failed").map(({ error }) => error)).toEqual(["bad_input"]);
});

it("tells of a stream's definitions, and with a tombstone for each that it is deleted", async () => {
  const topic = "streams";
  await write("str_1", 1, { topic, type: "stream.created", payload: definition(1) });
  await write("str_1", 2, { topic, type: "stream.changed", payload: definition(2) });
  await write("str_1", 3, { topic, type: "stream.deleted", payload: definition(2) });
  startRelay();
  await until(async () => (await unmarked()).length === 0);
  const records = await recordsOf("streams");
  expect(records.map(({ key, value }) => [key, value === null])).toEqual([
    ["str_1\n1", false],
    ["str_1\n2", false],
    ["str_1\n1", true],
    ["str_1\n2", true],
  ]);
  expect(await codec.decode("streams", records[1]!.value!)).toMatchObject({
    stream_id: "str_1",
    version: 2,
    threshold: null,
  });
});

it("counts what the log took, and what failed", async () => {
  const registry = new Registry();
  const metrics = new LogMetrics(registry);
  const broken = breakable();
  const observed = new ObservedLog(broken);
  const message: LogMessage = { topic: "jobs", key: "k", value: null, headers: {} };
  await observed.append([message]);
  observed.observe(metrics);
  await observed.append([message, message, { ...message, topic: "streams" }]);
  broken.isAway = true;
  await expect(observed.append([message])).rejects.toThrow(DependencyUnavailable);
  metrics.watchOutbox(() => Promise.resolve({ rows: 4, oldestSeconds: 1.5 }));
  const text = await registry.metrics();
  for (const line of [
    'tda_kafka_messages_produced{topic="jobs",status="acknowledged"} 2',
    'tda_kafka_messages_produced{topic="streams",status="acknowledged"} 1',
    'tda_kafka_messages_produced{topic="jobs",status="failed"} 1',
    "tda_kafka_producer_errors 1",
    "tda_outbox_backlog 4",
    "tda_outbox_backlog_age_seconds 1.5",
  ])
    expect(text).toContain(`${line}\n`);
});
