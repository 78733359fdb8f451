import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type EventLog,
  type LogMessage,
  type LogRecord,
  OffsetOutOfRange,
  RECORD_LIMIT_BYTES,
  RecordTooLarge,
} from "../../../domain/log/event-log.ts";
import { partitionOf } from "../../../domain/log/partitioner.ts";

export interface OpenedLog {
  readonly log: EventLog;
  /** The same log as another process has it. */
  readonly other: EventLog;
  close(): Promise<void>;
}

/** What every event log does, whatever it keeps its records in. */
export function itIsAnEventLog(open: () => Promise<OpenedLog>): void {
  let opened: OpenedLog;
  let log: EventLog;
  beforeAll(async () => {
    opened = await open();
    log = opened.log;
  }, 240_000);
  afterAll(async () => await opened?.close());

  const never = new AbortController().signal;
  const message = (key: string, text: string | null = randomUUID()): LogMessage => ({
    topic: "events",
    key,
    value: text === null ? null : Buffer.from(text),
    headers: { ce_id: "1", traceparent: "00-ä" },
  });
  const read = (from: EventLog, partition: number, offset: number, more: object = {}): Promise<readonly LogRecord[]> =>
    from.read("events", partition, offset, { maxRecords: 100, maxBytes: 1e6, waitMs: 5_000, signal: never, ...more });

  it("keeps what is appended, in the partition of its key, in order", async () => {
    const partitions = await log.partitions("events");
    expect(partitions).toBe(16);
    const sent = Array.from({ length: 50 }, (_, i) => message(`key ${i % 7} é`));
    const positions = await log.append(sent);
    expect(positions.map(({ partition }) => partition)).toEqual(sent.map(({ key }) => partitionOf(key, partitions)));
    for (const [at, { partition, offset }] of positions.entries()) {
      const [record] = await read(log, partition, offset, { maxRecords: 1 });
      expect(record).toMatchObject({
        topic: "events",
        partition,
        offset,
        key: sent[at]!.key,
        headers: sent[at]!.headers,
      });
      expect(Buffer.from(record!.value!)).toEqual(sent[at]!.value);
      expect(Math.abs(record!.timestampMs - Date.now())).toBeLessThan(60_000);
    }
    const ofOne = positions.filter(({ partition }) => partition === positions[0]!.partition);
    expect(ofOne.map(({ offset }) => offset)).toEqual(ofOne.map(({ offset }) => offset).sort((a, b) => a - b));
  });

  it("keeps tombstones, empty values and what has no headers", async () => {
    const positions = await log.append([message("t", null), message("t", ""), { ...message("t"), headers: {} }]);
    const { partition, offset } = positions[0]!;
    const records = await read(log, partition, offset);
    expect(records.map(({ value }) => value?.length ?? null)).toEqual([null, 0, 36]);
    expect(records[2]!.headers).toEqual({});
  });

  it("gives as many records as are asked for, and no more bytes than that, but one record at least", async () => {
    const positions = await log.append(Array.from({ length: 10 }, () => message("bounds", "x".repeat(1_000))));
    const { partition, offset } = positions[0]!;
    expect(await read(log, partition, offset, { maxRecords: 3 })).toHaveLength(3);
    const byBytes = await read(log, partition, offset, { maxBytes: 3_500 });
    expect(byBytes.length).toBeGreaterThanOrEqual(1);
    expect(byBytes.length).toBeLessThanOrEqual(4);
    expect(await read(log, partition, offset, { maxBytes: 1 })).toHaveLength(1);
    // From anywhere on.
    const [record] = await read(log, partition, positions[7]!.offset, { maxRecords: 1 });
    expect(record!.offset).toBe(positions[7]!.offset);
  });

  it("tells a reader that waits, also in another process, and ends the wait with its time or its signal", async () => {
    const [{ partition }] = (await log.append([message("wait")])) as unknown as [{ readonly partition: number }];
    const { next } = await opened.other.bounds("events", partition);
    const waiting = [read(opened.other, partition, next), read(log, partition, next)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [sent] = await log.append([message("wait", "now")]);
    for (const records of await Promise.all(waiting)) {
      expect(records.map(({ offset, value }) => [offset, String(value)])).toEqual([[sent!.offset, "now"]]);
    }
    expect(await read(log, partition, next + 1, { waitMs: 20 })).toEqual([]);
    const stop = new AbortController();
    const stopped = read(log, partition, next + 1, { waitMs: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    expect(await stopped).toEqual([]);
  });

  it("keeps the order of a key over appends that overlap, and loses none of many writers'", async () => {
    const key = "many";
    const writes = Array.from({ length: 200 }, (_, i) =>
      (i % 2 === 0 ? log : opened.other).append([message(key, String(i))]),
    );
    const positions = (await Promise.all(writes)).flat();
    const offsets = positions.map(({ offset }) => offset).sort((a, b) => a - b);
    expect(new Set(offsets).size).toBe(200);
    const { partition } = positions[0]!;
    const seen: string[] = [];
    for (let offset = offsets[0]!; seen.length < 200; ) {
      const records = await read(opened.other, partition, offset, { maxRecords: 33 });
      for (const record of records) if (record.key === key) seen.push(String(record.value));
      offset = records.at(-1)!.offset + 1;
    }
    // Those of one writer in the order in which it gave them.
    for (const parity of [0, 1]) {
      const own = seen.map(Number).filter((n) => n % 2 === parity);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(new Set(seen).size).toBe(200);
  });

  it("says what it has, and refuses what it has not", async () => {
    const [position] = await log.append([message("range")]);
    const { partition, offset } = position!;
    const { first, next } = await log.bounds("events", partition);
    expect(first).toBe(0);
    expect(next).toBe(offset + 1);
    await expect(read(log, partition, next + 5, { waitMs: 0 })).rejects.toThrow(OffsetOutOfRange);
    await expect(log.append([message("large", "x".repeat(RECORD_LIMIT_BYTES + 1))])).rejects.toThrow(RecordTooLarge);
    expect(await log.append([])).toEqual([]);
  });

  it("takes a large record", async () => {
    const [position] = await log.append([message("large", "y".repeat(RECORD_LIMIT_BYTES))]);
    const [record] = await read(log, position!.partition, position!.offset);
    expect(record!.value!.length).toBe(RECORD_LIMIT_BYTES);
  });

  it("remembers what a group has done", async () => {
    await log.commitGroupOffset("sink", "events", 3, 0);
    await log.commitGroupOffset("sink", "events", 3, 0);
  });
}
