import { TOPICS } from "@tda-platform/contract/events/topics";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "../../../../test/support/test-bed.ts";
import { encodeAvro } from "../../../domain/log/avro.ts";
import { type EventLog, type LogMessage, OffsetOutOfRange } from "../../../domain/log/event-log.ts";
import { LeaseLost } from "../../../domain/log/partition-leases.ts";
import { pointsOf } from "../../../domain/log/testing/values.ts";
import { DataCorrupt } from "../../../domain/storage/keyring.ts";
import { itIsAnEventLog } from "../../event-log/testing/conformance.ts";
import { deleteOldRecords } from "./log-retention.ts";

describe("the log of an installation without Kafka", () => {
  itIsAnEventLog(async () => {
    const bed = await TestBed.open();
    const log = bed.database.openEventLog();
    const other = bed.database.openEventLog();
    return {
      log,
      other,
      close: async () => {
        await Promise.all([log.close(), other.close()]);
        await bed.end();
      },
    };
  });
});

describe("its tables", () => {
  let bed: TestBed;
  let log: EventLog;
  let pool: pg.Pool;
  beforeAll(async () => {
    bed = await TestBed.open();
    log = bed.database.openEventLog();
    pool = bed.systemPool();
  });
  beforeEach(async () => {
    await bed.rows("delete from tda.log_records");
    await bed.rows("update tda.log_partitions set first_offset = 0, next_offset = 0");
  });
  afterAll(async () => {
    await log.close();
    await pool.end();
    await bed.end();
  });

  const message = (more: Partial<LogMessage> = {}): LogMessage => ({
    topic: "streams",
    key: "k",
    value: Buffer.from("v"),
    headers: {},
    ...more,
  });
  const read = (offset: number, waitMs = 0) =>
    log.read("streams", 0, offset, { maxRecords: 100, maxBytes: 1e6, waitMs, signal: new AbortController().signal });

  it("does not pass what a writer that is still open may bring below", async () => {
    await log.append([message()]);
    const writer = new pg.Client(bed.database.shared.access.application);
    await writer.connect();
    await writer.query("set role tda_system");
    await writer.query("begin");
    await writer.query(
      "update tda.log_partitions set next_offset = next_offset + 1 where topic = 'streams' and partition = 0",
    );
    await writer.query(
      `insert into tda.log_records (topic, partition, record_offset, key, project_id, headers, created_at)
       values ('streams', 0, 1, 'slow', '', '{}', now())`,
    );
    // Another writer comes behind it, and the reader sees neither.
    const behind = log.append([message({ key: "fast" })]);
    let isBehindDone = false;
    void behind.then(() => {
      isBehindDone = true;
    });
    for (let i = 0; i < 5; i++) {
      expect((await read(1, 30)).map(({ key }) => key)).toEqual([]);
      expect(isBehindDone).toBe(false);
    }
    await writer.query("commit");
    await writer.end();
    expect(await behind).toEqual([{ partition: 0, offset: 2 }]);
    expect((await read(1)).map(({ key, offset }) => [key, offset])).toEqual([
      ["slow", 1],
      ["fast", 2],
    ]);
  });

  it("gives back an offset that was assigned and not committed", async () => {
    await expect(log.append([message({ key: "a\u0000b" })])).rejects.toThrow();
    expect(await log.append([message()])).toEqual([{ partition: 0, offset: 0 }]);
  });

  it("keeps values sealed, in their place, with their project", async () => {
    const value = Buffer.concat([
      Buffer.alloc(5),
      encodeAvro(TOPICS.events.schema, pointsOf({ project_id: "prj_7", key: "secret words" })),
    ]);
    await log.append([message({ value }), message({ value: Buffer.from("w") })]);
    const rows = await bed.rows<{ value: Buffer; project_id: string }>(
      "select value, project_id from tda.log_records order by record_offset",
    );
    expect(rows.map(({ project_id }) => project_id)).toEqual(["prj_7", ""]);
    expect(rows[0]!.value.includes("secret words")).toBe(false);
    await bed.rows("update tda.log_records set value = $1 where record_offset = 1", [rows[0]!.value]);
    await expect(read(1)).rejects.toThrow(DataCorrupt);
  });

  it("deletes what is older than its topic's days, from the beginning of each partition", async () => {
    const events = Array.from({ length: 6 }, () => message({ topic: "jobs" }));
    const [{ partition }] = (await log.append(events)) as unknown as [{ readonly partition: number }];
    await bed.rows(
      "update tda.log_records set created_at = now() - interval '8 days' where record_offset in (0, 1, 3)",
    );
    expect(await deleteOldRecords(pool)).toBe(2);
    expect(await log.bounds("jobs", partition)).toEqual({ first: 2, next: 6 });
    const options = { maxRecords: 9, maxBytes: 1e6, waitMs: 0, signal: new AbortController().signal };
    await expect(log.read("jobs", partition, 1, options)).rejects.toThrow(OffsetOutOfRange);
    expect((await log.read("jobs", partition, 2, options)).map(({ offset }) => offset)).toEqual([2, 3, 4, 5]);
    await bed.rows("update tda.log_records set created_at = now() - interval '8 days'");
    await deleteOldRecords(pool);
    expect(await log.bounds("jobs", partition)).toEqual({ first: 6, next: 6 });
    expect(await log.append([message({ topic: "jobs" })])).toEqual([{ partition, offset: 6 }]);
  });

  it("keeps of a compacted topic the newest record of each key, and tombstones for a day", async () => {
    await log.append([
      message({ key: "a" }),
      message({ key: "b" }),
      message({ key: "a", value: Buffer.from("new") }),
      message({ key: "b", value: null }),
      message({ key: "c", value: null }),
    ]);
    await bed.rows(
      "update tda.log_records set created_at = now() - interval '30 days' where record_offset in (0, 1, 2, 4)",
    );
    expect(await deleteOldRecords(pool)).toBe(3);
    const records = await read(0);
    expect(records.map(({ key, offset, value }) => [key, offset, value === null ? null : String(value)])).toEqual([
      ["a", 2, "new"],
      ["b", 3, null],
    ]);
  });

  it("writes what shares a commit with the records of a lost lease, and not these", async () => {
    await bed.rows(
      "insert into tda.partition_leases (group_name, topic, partition, epoch) values ('g', 't', 0, 2), ('g', 't', 1, 5)",
    );
    const under = (partition: number, epoch: number, key: string) =>
      log.append([message({ key })], [{ group: "g", topic: "t", partition, epoch }]);
    const appends = await Promise.allSettled([
      under(0, 2, "a"),
      under(1, 4, "lost"),
      under(1, 5, "b"),
      under(0, 2, "c"),
    ]);
    expect(appends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect((appends[1] as PromiseRejectedResult).reason).toBeInstanceOf(LeaseLost);
    expect((await read(0)).map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });

  it("keeps a topic's partitions when a release has another number", async () => {
    expect(
      await bed.rows("select topic, count(*)::int as partitions from tda.log_partitions group by 1 order by 1"),
    ).toEqual(
      Object.entries(TOPICS)
        .map(([topic, { partitions }]) => ({ topic, partitions }))
        .sort((a, b) => a.topic.localeCompare(b.topic)),
    );
  });
});
