import type { TopicName } from "@tda-platform/contract/events/topics";
import type pg from "pg";
import {
  type EventLog,
  type LogMessage,
  type LogPosition,
  type LogRecord,
  OffsetOutOfRange,
  type ReadOptions,
  requireRecordSizes,
} from "../../../domain/log/event-log.ts";
import { LeaseLost, type PartitionLease } from "../../../domain/log/partition-leases.ts";
import { partitionOf } from "../../../domain/log/partitioner.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { asAvailable } from "../database-errors.ts";
import type { DatabaseListener } from "../database-listener.ts";
import { GroupCommit } from "../group-commit.ts";
import { recordContext } from "../sealed-contexts.ts";
import { type Append, writeAppends } from "./log-appends.ts";
import { LogWake, placeOf } from "./log-wake.ts";

export interface PostgresEventLogOptions {
  /** Of the system's role. */
  readonly pool: pg.Pool;
  readonly listener: Pick<DatabaseListener, "on">;
  readonly sealer: ValueSealer;
}

/** Callers whose records share a commit, and the bytes of these. */
const batchCalls = 512;
const batchBytes = 8_388_608;
const queueCalls = 16_384;
const queueBytes = 67_108_864;
/** Of a record beside its key and value. */
const recordBytes = 300;
/** A notification can get lost with its connection, which is then made anew and wakes all who wait; this is for what is not noticed. */
const pollMs = 2_000;

/** Records until the bytes are enough, the first in any case, and the bounds as of the same moment. */
const readText = `select p.first_offset, p.next_offset, r.* from tda.log_partitions p left join lateral (
    select * from (
      select record_offset, key, value, headers, created_at, sum(coalesce(octet_length(value), 0)) over (order by record_offset) - coalesce(octet_length(value), 0) as before
      from (
        select * from tda.log_records where topic = $1 and partition = $2 and record_offset >= $3 order by record_offset limit $4
      ) next
    ) sized where before < $5 or before = 0 order by record_offset
  ) r on true
  where p.topic = $1 and p.partition = $2 order by r.record_offset`;

const commitText = `insert into tda.log_group_offsets (group_name, topic, partition, next_offset) values ($1, $2, $3, $4)
  on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset, updated_at = now()`;

interface RecordRow {
  readonly first_offset: number;
  readonly next_offset: number;
  readonly record_offset: number | null;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly created_at: Date;
}

/** The log as tables: for an installation without Kafka, whose instances all share the database. */
export class PostgresEventLog implements EventLog {
  readonly kind = "embedded";
  readonly #pool: pg.Pool;
  readonly #sealer: ValueSealer;
  readonly #wake: LogWake;
  readonly #appends: GroupCommit<Append, readonly LogPosition[]>;
  readonly #fenced: GroupCommit<Append, readonly LogPosition[]>;
  #partitions: Promise<ReadonlyMap<string, number>> | null = null;

  constructor({ pool, listener, sealer }: PostgresEventLogOptions) {
    this.#pool = pool;
    this.#sealer = sealer;
    this.#wake = new LogWake(listener);
    const group = () =>
      new GroupCommit<Append, readonly LogPosition[]>({
        write: (appends) => writeAppends(pool, sealer, appends),
        batchItems: batchCalls,
        batchBytes,
        queueItems: queueCalls,
        queueBytes,
        bytesOf,
        // One whose lease is lost must not fail the others.
        isOfOneItem: (error) => error instanceof LeaseLost,
        refusal: "Too much waits to be written to the log.",
      });
    this.#appends = group();
    // They wait for leases that are being renewed, and points do not.
    this.#fenced = group();
  }

  async append(
    messages: readonly LogMessage[],
    fences: readonly PartitionLease[] = [],
  ): Promise<readonly LogPosition[]> {
    if (messages.length === 0) return [];
    requireRecordSizes(messages);
    const counts = await this.#counts();
    const placed = messages.map((message) => {
      const partition = partitionOf(message.key, counts.get(message.topic) ?? 1);
      return { ...message, partition };
    });
    const group = fences.length === 0 ? this.#appends : this.#fenced;
    const positions = await group.add({ messages: placed, fences });
    // The notification tells all processes, this one a moment later.
    this.#wake.wake([...new Set(placed.map(({ topic, partition }) => placeOf(topic, partition)))]);
    return positions;
  }

  async read(topic: TopicName, partition: number, offset: number, options: ReadOptions): Promise<readonly LogRecord[]> {
    const until = performance.now() + options.waitMs;
    for (;;) {
      const leftMs = until - performance.now();
      const woken = this.#wake.wait(topic, partition, Math.max(0, Math.min(leftMs, pollMs)), options.signal);
      try {
        const records = await this.#read(topic, partition, offset, options);
        if (records.length > 0 || leftMs <= 0 || options.signal.aborted) return records;
        await woken.promise;
      } finally {
        woken.end();
      }
    }
  }

  async #read(
    topic: TopicName,
    partition: number,
    offset: number,
    { maxRecords, maxBytes }: ReadOptions,
  ): Promise<readonly LogRecord[]> {
    const values = [topic, partition, offset, maxRecords, maxBytes];
    const { rows } = await asAvailable(() => this.#pool.query<RecordRow>({ name: "log-read", text: readText, values }));
    const [first] = rows;
    if (first === undefined) throw new RangeError(`the log has no partition ${partition} of ${topic}`);
    if (offset < first.first_offset || offset > first.next_offset) {
      throw new OffsetOutOfRange(
        `${topic}/${partition} has the offsets from ${first.first_offset} to before ${first.next_offset}, and ${offset} was asked for.`,
      );
    }
    return rows.flatMap((row) => (row.record_offset === null ? [] : [this.#open(topic, partition, row)]));
  }

  #open(topic: TopicName, partition: number, row: RecordRow): LogRecord {
    const { key, headers, value } = row;
    const offset = row.record_offset!;
    const opened = value === null ? null : this.#sealer.open(recordContext(topic, partition, offset), value);
    return { topic, partition, offset, key, headers, value: opened, timestampMs: row.created_at.getTime() };
  }

  async partitions(topic: TopicName): Promise<number> {
    return (await this.#counts()).get(topic) ?? 0;
  }

  async bounds(topic: TopicName, partition: number): Promise<{ readonly first: number; readonly next: number }> {
    const text =
      "select first_offset as first, next_offset as next from tda.log_partitions where topic = $1 and partition = $2";
    const { rows } = await asAvailable(() =>
      this.#pool.query<{ first: number; next: number }>(text, [topic, partition]),
    );
    if (rows[0] === undefined) throw new RangeError(`the log has no partition ${partition} of ${topic}`);
    return rows[0];
  }

  async commitGroupOffset(group: string, topic: TopicName, partition: number, next: number): Promise<void> {
    await asAvailable(() => this.#pool.query(commitText, [group, topic, partition, next]));
  }

  async close(): Promise<void> {
    this.#wake.close();
    await Promise.all([this.#appends.drain(), this.#fenced.drain()]);
  }

  /** They never change. */
  #counts(): Promise<ReadonlyMap<string, number>> {
    this.#partitions ??= this.#readCounts().catch((error: unknown) => {
      this.#partitions = null;
      throw error;
    });
    return this.#partitions;
  }

  async #readCounts(): Promise<ReadonlyMap<string, number>> {
    const text = "select topic, count(*)::int as partitions from tda.log_partitions group by topic";
    const { rows } = await asAvailable(() => this.#pool.query<{ topic: string; partitions: number }>(text));
    return new Map(rows.map(({ topic, partitions }) => [topic, partitions]));
  }
}

function bytesOf({ messages }: Append): number {
  return messages.reduce((sum, { key, value }) => sum + recordBytes + key.length + (value?.length ?? 0), 0);
}
