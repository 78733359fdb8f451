import type { AvroValue } from "@tda-platform/contract/events/avro";
import type { TOPICS, TopicName } from "@tda-platform/contract/events/topics";
import type { PartitionLease } from "./partition-leases.ts";

/** A value of a topic, as its schema says. */
export type TopicValue<Topic extends TopicName> = AvroValue<(typeof TOPICS)[Topic]["schema"]>;

/**
 * Values of topics as the bytes of the schema registry's wire format (a zero byte, the schema's identifier, Avro binary).
 * The Avro part of equal values is the same bytes on every machine and in every runner.
 */
export interface EventCodec {
  encode<Topic extends TopicName>(topic: Topic, value: TopicValue<Topic>): Uint8Array;
  /** Also of an older schema that the registry knows. @throws UndecodableRecord; DependencyUnavailable when the registry is asked and is away. */
  decode<Topic extends TopicName>(topic: Topic, bytes: Uint8Array): Promise<TopicValue<Topic>> | TopicValue<Topic>;
}

/** The bytes are no value of the topic: an unknown schema, a cut end, another format. */
export class UndecodableRecord extends Error {
  override readonly name = "UndecodableRecord";
}

/** Of a record's value. */
export const RECORD_LIMIT_BYTES = 4_194_304;

/** A value beyond RECORD_LIMIT_BYTES: it is never appended. */
export class RecordTooLarge extends Error {
  override readonly name = "RecordTooLarge";
}

/** @throws RecordTooLarge */
export function requireRecordSizes(messages: readonly LogMessage[]): void {
  for (const { topic, value } of messages) {
    if (value === null || value.length <= RECORD_LIMIT_BYTES) continue;
    const message = `A record of ${topic} has ${value.length} bytes, and at most ${RECORD_LIMIT_BYTES} are taken.`;
    throw new RecordTooLarge(message);
  }
}

export interface LogMessage {
  readonly topic: TopicName;
  /** Decides the partition, by the partitioner that all writers share. */
  readonly key: string;
  /** Of the codec; null is a tombstone. */
  readonly value: Uint8Array | null;
  /** CloudEvents attributes (`ce_…`) and `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface LogRecord extends LogMessage {
  readonly partition: number;
  /** Ascending in a partition, from 0; there may be gaps. */
  readonly offset: number;
  readonly timestampMs: number;
}

export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
}

export interface ReadOptions {
  readonly maxRecords: number;
  /** Of values; one record is always given. */
  readonly maxBytes: number;
  /** How long to wait for a record where there is none yet. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** The log of events: topics of partitions of records in order. Records are kept for the topic's time, whoever has read them. */
export interface EventLog {
  readonly kind: "embedded" | "kafka";
  /**
   * Appends in the order given within each partition. Resolves once all are durable (Kafka: acknowledged by all in-sync replicas).
   * @param fences Nothing is appended when another process has one of these.
   * @throws DependencyUnavailable: the outcome is unknown, send the same again; LeaseLost; RecordTooLarge.
   */
  append(messages: readonly LogMessage[], fences?: readonly PartitionLease[]): Promise<readonly LogPosition[]>;
  /**
   * Records of a partition from an offset on, in order, none skipped: what a later read could still bring below is not passed.
   * @throws OffsetOutOfRange when what it asks for has been deleted or is not there yet; DependencyUnavailable.
   */
  read(topic: TopicName, partition: number, offset: number, options: ReadOptions): Promise<readonly LogRecord[]>;
  partitions(topic: TopicName): Promise<number>;
  /** First offset that is kept, and that which the next record gets. */
  bounds(topic: TopicName, partition: number): Promise<{ readonly first: number; readonly next: number }>;
  /** For lag tools: what a group has done. The truth is where the group keeps its work. */
  commitGroupOffset(group: string, topic: TopicName, partition: number, next: number): Promise<void>;
  /** Writes what waits, and ends. Idempotent. */
  close(): Promise<void>;
}

export class OffsetOutOfRange extends Error {
  override readonly name = "OffsetOutOfRange";
}
