import { Consumer, findErrorBy, type RecordsBatch } from "@platformatic/kafka";
import type { TopicName } from "@tda-platform/contract/events/topics";
import { type LogRecord, OffsetOutOfRange, type ReadOptions } from "../../domain/log/event-log.ts";
import { clientOptions, type KafkaConnection, unavailable, within } from "./kafka-connection.ts";

/** A wait for records is ended by a signal within this time. */
const pollMs = 500;
const fetchLimitMs = 10_000;
const READ_COMMITTED = 1;
const CONTROL_BATCH = 0x20;
/** Of one fetch; a larger record comes all the same. */
const fetchBytes = 8_388_608;

/**
 * Reads one partition from explicit offsets, with a connection of its own, on which it can wait without holding up others. It is
 * in no group: who reads what is decided by leases. What a transaction has not committed is not seen.
 */
export class KafkaReader {
  readonly #connection: KafkaConnection;
  readonly #topic: TopicName;
  readonly #partition: number;
  readonly #client: Consumer;
  /** From this offset on there were only records that are nobody's, up to the other. */
  #skip: { readonly from: number; readonly to: number } | null = null;
  #isClosed = false;
  /** One fetch at a time: those of a client are one session at the broker. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: KafkaConnection, topic: TopicName, partition: number) {
    this.#connection = connection;
    this.#topic = topic;
    this.#partition = partition;
    this.#client = new Consumer({ ...clientOptions(connection, "tda-reader"), groupId: "tda-reader", minBytes: 1 });
    this.#client.topics.track(connection.prefix + topic);
  }

  /** @throws OffsetOutOfRange, DependencyUnavailable */
  read(offset: number, options: ReadOptions): Promise<readonly LogRecord[]> {
    const reading = this.#last.then(() => this.#read(offset, options));
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  async #read(offset: number, options: ReadOptions): Promise<readonly LogRecord[]> {
    const until = performance.now() + options.waitMs;
    let from = this.#skip?.from === offset ? this.#skip.to : offset;
    for (;;) {
      if (options.signal.aborted || this.#isClosed) return [];
      const waitMs = Math.max(0, Math.min(pollMs, until - performance.now()));
      const batches = await this.#fetch(from, options.maxBytes, Math.ceil(waitMs));
      const records = this.#recordsOf(batches, from, options);
      if (records.length > 0) return records;
      const last = batches.at(-1);
      if (last !== undefined) {
        from = Math.max(from, Number(last.firstOffset) + last.lastOffsetDelta + 1);
        this.#skip = { from: offset, to: from };
      } else if (performance.now() >= until) return [];
    }
  }

  async #fetch(from: number, maxBytes: number, maxWaitTime: number): Promise<readonly RecordsBatch[]> {
    const name = this.#connection.prefix + this.#topic;
    try {
      const { topics } = await this.#client.metadata({ topics: [name] });
      const topic = topics.get(name)!;
      const place = topic.partitions[this.#partition];
      if (place === undefined) throw new RangeError(`there is no partition ${this.#partition} of ${name}`);
      const partitionMaxBytes = Math.min(maxBytes, fetchBytes);
      const fetching = this.#client.fetch({
        node: place.leader,
        maxWaitTime,
        maxBytes: fetchBytes,
        isolationLevel: READ_COMMITTED,
        topics: [
          {
            topicId: topic.id,
            partitions: [
              {
                partition: this.#partition,
                currentLeaderEpoch: place.leaderEpoch,
                fetchOffset: BigInt(from),
                lastFetchedEpoch: -1,
                partitionMaxBytes,
              },
            ],
          },
        ],
      });
      const { responses } = await within(fetchLimitMs, "a fetch", fetching);
      return responses.flatMap(({ partitions }) => partitions.flatMap(({ records }) => records ?? []));
    } catch (error) {
      if (findErrorBy(error as Error, "apiId", "OFFSET_OUT_OF_RANGE") !== null) {
        throw new OffsetOutOfRange(`${name}/${this.#partition} does not have the offset ${from}.`, { cause: error });
      }
      // A leader may have moved.
      this.#client.clearMetadata();
      throw unavailable(error);
    }
  }

  #recordsOf(
    batches: readonly RecordsBatch[],
    from: number,
    { maxRecords, maxBytes }: ReadOptions,
  ): readonly LogRecord[] {
    const found: LogRecord[] = [];
    let bytes = 0;
    for (const batch of batches) {
      if ((batch.attributes & CONTROL_BATCH) !== 0) continue;
      for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
        const offset = Number(batch.firstOffset) + offsetDelta;
        // A batch is given whole.
        if (offset < from) continue;
        if (found.length >= maxRecords || (found.length > 0 && bytes >= maxBytes)) return found;
        bytes += value?.length ?? 0;
        found.push({
          topic: this.#topic,
          partition: this.#partition,
          offset,
          key: key?.toString("utf8") ?? "",
          value,
          headers: Object.fromEntries(headers.map(([name, text]) => [String(name ?? ""), String(text ?? "")])),
          timestampMs: Number(batch.firstTimestamp + timestampDelta),
        });
      }
    }
    return found;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    await this.#client.close(true).catch(() => undefined);
  }
}
