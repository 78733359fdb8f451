import { setTimeout as sleep } from "node:timers/promises";
import { Admin, ListOffsetTimestamps } from "@platformatic/kafka";
import type { TopicName } from "@tda-platform/contract/events/topics";
import { DependencyUnavailable } from "../../domain/errors.ts";
import {
  type EventLog,
  type LogMessage,
  type LogPosition,
  type LogRecord,
  type ReadOptions,
  requireRecordSizes,
} from "../../domain/log/event-log.ts";
import type { PartitionLease } from "../../domain/log/partition-leases.ts";
import { Circuit, type CircuitName, CircuitOpen } from "../../internal/circuit.ts";
import type { Logger } from "../../internal/logger.ts";
import { clientOptions, type KafkaConnection, RETRY_AFTER_SECONDS, unavailable, within } from "./kafka-connection.ts";
import { KafkaProducer } from "./kafka-producer.ts";
import { KafkaReader } from "./kafka-reader.ts";

export interface KafkaEventLogOptions {
  readonly connection: KafkaConnection;
  /** Whether leases are still the newest of their partitions. @throws LeaseLost */
  readonly requireLeases: (leases: readonly PartitionLease[]) => Promise<void>;
  readonly logger: Logger;
}

const failures = 3;
const halfOpenAfterMs = 500;
const probeEveryMs = 500;
const probeLimitMs = 2_000;
const commitEveryMs = 1_000;
const askLimitMs = 5_000;

/**
 * The log in Kafka. While no broker answers its circuit is open: calls are refused at once, and a probe twice a second finds that they
 * are back. A call that is under way when a broker ends waits for the next leader.
 */
export class KafkaEventLog implements EventLog {
  readonly kind = "kafka";
  readonly #options: KafkaEventLogOptions;
  readonly #producer: KafkaProducer;
  readonly #admin: Admin;
  readonly #readers = new Map<string, KafkaReader>();
  readonly #circuit: Circuit;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  readonly #commits = new Map<string, Map<string, { topic: TopicName; partition: number; next: number }>>();
  #closed: Promise<void> | null = null;

  constructor(options: KafkaEventLogOptions) {
    const { connection, logger } = options;
    this.#options = options;
    this.#producer = new KafkaProducer(connection);
    this.#admin = new Admin(clientOptions(connection, "tda-admin"));
    this.#circuit = new Circuit({
      isFailure: (error) => error instanceof DependencyUnavailable,
      failures,
      halfOpenAfterMs,
      onChange: (circuit) => logger.warn({ dependency: "log", circuit }, "Kafka's circuit changed"),
    });
    this.#watching = this.#watch();
  }

  get circuit(): CircuitName {
    return this.#circuit.state;
  }

  async append(
    messages: readonly LogMessage[],
    fences: readonly PartitionLease[] = [],
  ): Promise<readonly LogPosition[]> {
    if (messages.length === 0) return [];
    requireRecordSizes(messages);
    if (fences.length > 0) await this.#options.requireLeases(fences);
    return await this.#run(() => this.#producer.append(messages));
  }

  async read(topic: TopicName, partition: number, offset: number, options: ReadOptions): Promise<readonly LogRecord[]> {
    // Readers of one broker's partitions fail together when it ends, while the others serve: that says nothing of them.
    if (!this.#circuit.isClosed) throw refusal();
    return await this.#readerOf(topic, partition).read(offset, options);
  }

  async partitions(topic: TopicName): Promise<number> {
    return await this.#run(() => this.#producer.partitions(topic));
  }

  async bounds(topic: TopicName, partition: number): Promise<{ readonly first: number; readonly next: number }> {
    return await this.#run(async () => {
      try {
        const [first, next] = await Promise.all([
          this.#offset(topic, partition, ListOffsetTimestamps.EARLIEST),
          this.#offset(topic, partition, ListOffsetTimestamps.LATEST),
        ]);
        return { first, next };
      } catch (error) {
        throw unavailable(error);
      }
    });
  }

  /** Told to the brokers a moment later, the newest of each partition. */
  async commitGroupOffset(group: string, topic: TopicName, partition: number, next: number): Promise<void> {
    const ofGroup = this.#commits.get(group) ?? new Map();
    this.#commits.set(group, ofGroup.set(`${topic}/${partition}`, { topic, partition, next }));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await this.#producer.close();
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
    await this.#admin.close().catch(() => undefined);
  }

  async #run<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.#circuit.run(call);
    } catch (error) {
      if (!(error instanceof CircuitOpen)) throw error;
      throw refusal(error);
    }
  }

  #readerOf(topic: TopicName, partition: number): KafkaReader {
    const place = `${topic}/${partition}`;
    const reader = this.#readers.get(place) ?? new KafkaReader(this.#options.connection, topic, partition);
    this.#readers.set(place, reader);
    return reader;
  }

  async #offset(topic: TopicName, partition: number, timestamp: bigint): Promise<number> {
    const name = this.#options.connection.prefix + topic;
    const asking = this.#admin.listOffsets({
      topics: [{ name, partitions: [{ partitionIndex: partition, timestamp }] }],
    });
    const [answer] = await within(askLimitMs, "the bounds of a partition", asking);
    const found = answer?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
    if (found === undefined) throw new Error(`nothing is known of ${name}/${partition}`);
    return Number(found.offset);
  }

  /** Closes the circuit once brokers answer, and commits offsets of groups. */
  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    let commitAt = 0;
    while (!signal.aborted) {
      if (!this.#circuit.isClosed) await this.#circuit.probe(() => this.#probe()).catch(() => undefined);
      else if (performance.now() >= commitAt) {
        await this.#commit();
        commitAt = performance.now() + commitEveryMs;
      }
      await sleep(probeEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    if (this.#circuit.isClosed) await this.#commit();
  }

  async #probe(): Promise<void> {
    try {
      this.#admin.clearMetadata();
      await within(probeLimitMs, "a look at the brokers", this.#admin.metadata({ topics: [], forceUpdate: true }));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #commit(): Promise<void> {
    const { connection, logger } = this.#options;
    for (const [groupId, ofGroup] of this.#commits) {
      this.#commits.delete(groupId);
      const ofTopics = Map.groupBy(ofGroup.values(), ({ topic }) => topic);
      const topics = [...ofTopics].map(([topic, entries]) => ({
        name: connection.prefix + topic,
        partitionOffsets: entries.map(({ partition, next }) => ({ partition, offset: BigInt(next) })),
      }));
      try {
        const committing = this.#admin.alterConsumerGroupOffsets({ groupId: `${connection.prefix}${groupId}`, topics });
        await within(askLimitMs, "a commit", committing);
      } catch (error) {
        // The next one says more.
        logger.debug({ err: error, group: groupId }, "the offsets of a group were not committed");
      }
    }
  }
}

function refusal(cause?: Error): DependencyUnavailable {
  return new DependencyUnavailable("log", "Kafka does not answer.", RETRY_AFTER_SECONDS, { cause });
}
