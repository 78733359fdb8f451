import { type MessageToProduce, Producer } from "@platformatic/kafka";
import type { LogMessage, LogPosition } from "../../domain/log/event-log.ts";
import { partitionOf } from "../../domain/log/partitioner.ts";
import { GroupCommit } from "../database/group-commit.ts";
import { clientOptions, type KafkaConnection, unavailable, within } from "./kafka-connection.ts";

/** A batch of records is sent while the next one gathers. */
const batchCalls = 4_096;
const batchBytes = 8_388_608;
const queueCalls = 65_536;
const queueBytes = 134_217_728;
const recordBytes = 300;
/** A broker's end is noticed, and another one leads, in less. */
const deliveryLimitMs = 15_000;
const askLimitMs = 6_000;

interface Placed {
  readonly message: LogMessage;
  readonly partition: number;
}

type Client = Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * Writes with `acks=all` as an idempotent producer: within a call nothing is doubled or reordered by its retries. After a
 * failure whose outcome is unknown the producer is thrown away, since another batch under the same sequence numbers would be
 * taken for the same one and dropped.
 */
export class KafkaProducer {
  readonly #connection: KafkaConnection;
  readonly #sends: GroupCommit<readonly LogMessage[], readonly LogPosition[]>;
  #client: Client | null = null;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
    this.#sends = new GroupCommit({
      write: (calls) => this.#send(calls),
      batchItems: batchCalls,
      batchBytes,
      queueItems: queueCalls,
      queueBytes,
      bytesOf: (messages) => messages.reduce((sum, message) => sum + sizeOf(message), 0),
      dependency: "log",
      refusal: "Too much waits to be sent to Kafka.",
    });
  }

  /** @throws DependencyUnavailable: the outcome is unknown. */
  append(messages: readonly LogMessage[]): Promise<readonly LogPosition[]> {
    return this.#sends.add(messages);
  }

  /** Partitions of a topic. @throws DependencyUnavailable when the brokers cannot be asked, or have no such topic */
  async partitions(topic: string): Promise<number> {
    const name = this.#connection.prefix + topic;
    try {
      // Few attempts: a delivery has many, and a wrong password gets no better.
      const asking = this.#open().metadata({ topics: [name], retries: 3 });
      const { topics } = await within(askLimitMs, "a look at a topic", asking);
      return topics.get(name)!.partitionsCount;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    await this.#sends.drain();
    await this.#client?.close(true).catch(() => undefined);
    this.#client = null;
  }

  async #send(calls: readonly (readonly LogMessage[])[]): Promise<readonly (readonly LogPosition[])[]> {
    const counts = new Map<string, number>();
    for (const { topic } of calls.flat()) if (!counts.has(topic)) counts.set(topic, await this.partitions(topic));
    const placed = calls.map((messages) =>
      messages.map((message) => ({ message, partition: partitionOf(message.key, counts.get(message.topic)!) })),
    );
    const all = placed.flat();
    const positions: LogPosition[] = [];
    for (let at = 0; at < all.length; ) {
      const batch = batchFrom(all, at);
      positions.push(...(await this.#deliver(batch)));
      at += batch.length;
    }
    const left = positions.values();
    return calls.map(({ length }) => left.take(length).toArray());
  }

  async #deliver(batch: readonly Placed[]): Promise<readonly LogPosition[]> {
    const { prefix, compression } = this.#connection;
    const client = this.#open();
    const messages = batch.map(({ message, partition }) => messageOf(message, prefix, partition));
    let offsets: Map<string, number>;
    try {
      const sent = await within(deliveryLimitMs, "a delivery", client.send({ messages, compression }));
      offsets = new Map(sent.offsets?.map(({ topic, partition, offset }) => [`${topic}/${partition}`, Number(offset)]));
    } catch (error) {
      if (this.#client === client) this.#client = null;
      void client.close(true).catch(() => undefined);
      throw unavailable(error);
    }
    // The batch is one in each partition: what follows in it has the next offset.
    return batch.map(({ message, partition }) => {
      const place = `${prefix}${message.topic}/${partition}`;
      const offset = offsets.get(place)!;
      offsets.set(place, offset + 1);
      return { partition, offset };
    });
  }

  #open(): Client {
    this.#client ??= new Producer<Buffer, Buffer, Buffer, Buffer>({
      ...clientOptions(this.#connection, "tda-producer"),
      idempotent: true,
      acks: -1,
      // Within the limit of a delivery.
      retries: 60,
      retryDelay: 200,
    });
    return this.#client;
  }
}

function messageOf(
  { topic, key, value, headers }: LogMessage,
  prefix: string,
  partition: number,
): MessageToProduce<Buffer, Buffer, Buffer, Buffer> {
  const message = {
    topic: prefix + topic,
    partition,
    key: Buffer.from(key),
    headers: new Map(Object.entries(headers).map(([name, text]) => [nameOf(name), Buffer.from(text)])),
  };
  if (value === null) return message;
  return { ...message, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) };
}

/** Messages from a place on that a broker takes as one batch, were they all of one partition; one at least. */
function batchFrom(messages: readonly Placed[], at: number): readonly Placed[] {
  let bytes = 0;
  const end = messages.findIndex(({ message }, i) => {
    if (i < at) return false;
    bytes += sizeOf(message);
    return i > at && bytes > batchBytes;
  });
  return messages.slice(at, end === -1 ? messages.length : end);
}

function sizeOf({ key, value }: LogMessage): number {
  return recordBytes + key.length + (value?.length ?? 0);
}

/** Names of headers are a handful, and the same in every record. */
const names = new Map<string, Buffer>();
const namesLimit = 100;

function nameOf(name: string): Buffer {
  const known = names.get(name);
  if (known !== undefined) return known;
  const bytes = Buffer.from(name);
  if (names.size < namesLimit) names.set(name, bytes);
  return bytes;
}
