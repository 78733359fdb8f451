import { setTimeout as sleep } from "node:timers/promises";
import { TOPICS, type TopicName } from "@tda-platform/contract/events/topics";
import type { Logger } from "../../internal/logger.ts";
import { DependencyUnavailable } from "../errors.ts";
import { decodeAs, encodeAfter, type Reading, readingOf } from "./avro.ts";
import { type EventCodec, type TopicValue, UndecodableRecord } from "./event-log.ts";
import { IncompatibleSchema, type SchemaRegistry, subjectOf } from "./schema-registry.ts";

export interface RegistryCodecOptions {
  readonly registry: SchemaRegistry;
  /** Before each topic's name. */
  readonly prefix: string;
  readonly logger: Logger;
}

const MAGIC = 0;
const HEADER_BYTES = 5;
const retryMs = { first: 250, longest: 10_000 } as const;
const retryAfterSeconds = 5;
/** An identifier that the registry does not know is not asked for again so soon; of these so many are remembered. */
const unknownMs = 10_000;
const unknownLimit = 1_000;
/** Writers' schemas that are remembered: ours of all releases are a few dozen. */
const readingLimit = 1_000;

/** Values in the wire format of a registry: a zero byte, the schema's identifier (4 bytes, big-endian), Avro binary. */
export class RegistryCodec implements EventCodec {
  readonly #registry: SchemaRegistry;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #ids = new Map<TopicName, number>();
  readonly #readings = new Map<string, Reading>();
  readonly #asked = new Map<string, Promise<Reading>>();
  readonly #unknown = new Map<number, number>();
  readonly #registered: Promise<void>;

  constructor({ registry, prefix, logger }: RegistryCodecOptions) {
    this.#registry = registry;
    this.#prefix = prefix;
    this.#logger = logger;
    this.#registered = this.#register();
    this.#registered.catch(() => undefined);
  }

  /**
   * Resolves once all schemas are registered. Until then nothing can be encoded; what can be reached later is tried again.
   * @throws IncompatibleSchema
   */
  ready(): Promise<void> {
    return this.#registered;
  }

  get isReady(): boolean {
    return this.#ids.size === Object.keys(TOPICS).length;
  }

  /** @throws DependencyUnavailable before `ready`; Error when the value is not of the topic's schema. */
  encode<Topic extends TopicName>(topic: Topic, value: TopicValue<Topic>): Uint8Array {
    const id = this.#ids.get(topic);
    if (id === undefined) {
      throw new DependencyUnavailable("log", "The schema registry does not answer.", retryAfterSeconds);
    }
    const bytes = encodeAfter(HEADER_BYTES, TOPICS[topic].schema, value);
    bytes[0] = MAGIC;
    bytes.writeInt32BE(id, 1);
    return bytes;
  }

  decode<Topic extends TopicName>(topic: Topic, bytes: Uint8Array): Promise<TopicValue<Topic>> | TopicValue<Topic> {
    if (bytes.length < HEADER_BYTES || bytes[0] !== MAGIC) {
      throw new UndecodableRecord("The bytes are not in the registry's wire format.");
    }
    const id = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
    const known = this.#readings.get(placeOf(topic, id));
    if (known !== undefined) return decodeAs(known, bytes, HEADER_BYTES) as TopicValue<Topic>;
    return this.#ask(topic, id).then((reading) => decodeAs(reading, bytes, HEADER_BYTES) as TopicValue<Topic>);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#registered.catch(() => undefined);
  }

  async #register(): Promise<void> {
    const { signal } = this.#closing;
    for (let waitMs: number = retryMs.first; ; waitMs = Math.min(2 * waitMs, retryMs.longest)) {
      try {
        for (const topic of Object.keys(TOPICS) as TopicName[]) await this.#registerTopic(topic);
        return;
      } catch (error) {
        if (error instanceof IncompatibleSchema || signal.aborted) throw error;
        this.#logger.warn({ err: error }, "schemas could not be registered yet");
      }
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }

  async #registerTopic(topic: TopicName): Promise<void> {
    if (this.#ids.has(topic)) return;
    const { schema } = TOPICS[topic];
    const id = await this.#registry.register(subjectOf(this.#prefix + topic), schema);
    this.#readings.set(placeOf(topic, id), readingOf(schema, schema));
    this.#ids.set(topic, id);
  }

  /** Of many records of one unknown schema the first asks. */
  #ask(topic: TopicName, id: number): Promise<Reading> {
    const place = placeOf(topic, id);
    const asked = this.#asked.get(place) ?? this.#find(topic, id).finally(() => this.#asked.delete(place));
    this.#asked.set(place, asked);
    return asked;
  }

  async #find(topic: TopicName, id: number): Promise<Reading> {
    if ((this.#unknown.get(id) ?? 0) > performance.now()) throw unknownSchema(id);
    const schema = await this.#registry.find(id);
    if (schema === null) {
      if (this.#unknown.size >= unknownLimit) this.#unknown.clear();
      this.#unknown.set(id, performance.now() + unknownMs);
      throw unknownSchema(id);
    }
    let reading: Reading;
    try {
      reading = readingOf(schema, TOPICS[topic].schema);
    } catch (error) {
      const message = `Schema ${id} is none that the topic ${topic} can be read by: ${(error as Error).message}`;
      throw new UndecodableRecord(message, { cause: error });
    }
    if (this.#readings.size >= readingLimit) this.#forgetReadings();
    this.#readings.set(placeOf(topic, id), reading);
    return reading;
  }

  #forgetReadings(): void {
    const own = new Set([...this.#ids].map(([topic, id]) => placeOf(topic, id)));
    for (const place of this.#readings.keys()) if (!own.has(place)) this.#readings.delete(place);
  }
}

function unknownSchema(id: number): UndecodableRecord {
  return new UndecodableRecord(`The registry knows no schema ${id}.`);
}

function placeOf(topic: TopicName, id: number): string {
  return `${topic}/${id}`;
}
