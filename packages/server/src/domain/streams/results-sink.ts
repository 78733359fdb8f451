import { createHash } from "node:crypto";
import type { StreamOutput } from "@tda-platform/contract/events/stream-definition";
import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { Logger } from "../../internal/logger.ts";
import { RecencyMap } from "../../internal/recency-map.ts";
import {
  type EventCodec,
  type EventLog,
  type LogRecord,
  OffsetOutOfRange,
  UndecodableRecord,
} from "../log/event-log.ts";
import type { LeaseMembership, PartitionLease, PartitionLeases } from "../log/partition-leases.ts";
import { namedId } from "./named-id.ts";
import { newResult } from "./result-view.ts";
import type { NewRejection, NewResult } from "./stream.ts";
import type { SinkPlace, SinkStore } from "./stream-store.ts";

const GROUP = "sink";
const TOPICS = ["results", "rejected"] as const;
type SinkTopic = (typeof TOPICS)[number];
const BATCH_RECORDS = 500;
const BATCH_BYTES = 4_194_304;
const WAIT_MS = 1_000;
const DEFINITIONS = 10_000;
/** A zero byte and the schema's identifier. */
const REGISTRY_HEADER_BYTES = 5;

export interface SinkMetrics {
  countStored(topic: SinkTopic, count: number): void;
  countDivergence(count: number): void;
  countSkipped(topic: SinkTopic, count: number): void;
}

export interface ResultsSinkOptions {
  readonly log: EventLog;
  readonly codec: EventCodec;
  readonly leases: PartitionLeases;
  readonly store: SinkStore;
  readonly metrics: SinkMetrics;
  readonly logger: Logger;
}

/**
 * Stores results and rejected points, each once: a batch and how far it goes are one transaction, which compares where the partition
 * was. So a lease that is over, or another sink, loses and doubles nothing; leases only keep sinks from working for nothing.
 */
export class ResultsSink {
  readonly #options: ResultsSinkOptions;
  readonly #outputs = new RecencyMap<string, readonly StreamOutput[]>();
  #memberships: readonly LeaseMembership[] = [];

  constructor(options: ResultsSinkOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { log, leases } = this.#options;
    const partitions = await Promise.all(TOPICS.map((topic) => log.partitions(topic)));
    this.#memberships = TOPICS.map((topic, i) =>
      leases.join({
        group: GROUP,
        topic,
        partitions: partitions[i]!,
        work: (lease, signal) => this.#work(topic, lease, signal),
      }),
    );
  }

  /** Resolves when the last batch is stored or given up. Idempotent. */
  async stop(): Promise<void> {
    await Promise.all(this.#memberships.map((one) => one.close()));
  }

  /** Until the signal, or until somebody else has stored on. */
  async #work(topic: SinkTopic, { partition }: PartitionLease, signal: AbortSignal): Promise<void> {
    const { log, store } = this.#options;
    const place = { log: log.kind, topic, partition };
    let from = await store.next(place);
    let offset = from ?? (await log.bounds(topic, partition)).first;
    while (!signal.aborted) {
      const records = await this.#read(place, offset, signal);
      if (records === null) {
        offset = (await log.bounds(topic, partition)).first;
        continue;
      }
      if (records.length === 0) continue;
      const next = records.at(-1)!.offset + 1;
      if (!(await this.#store(topic, place, from, next, records))) return;
      from = next;
      offset = next;
    }
  }

  /** null: what comes next has been deleted before it was stored. */
  async #read(place: SinkPlace, offset: number, signal: AbortSignal): Promise<readonly LogRecord[] | null> {
    const { log, logger, metrics } = this.#options;
    const { topic, partition } = place;
    const options = { maxRecords: BATCH_RECORDS, maxBytes: BATCH_BYTES, waitMs: WAIT_MS, signal };
    try {
      return await log.read(topic, partition, offset, options);
    } catch (error) {
      if (signal.aborted) return [];
      if (!(error instanceof OffsetOutOfRange)) throw error;
      const { first } = await log.bounds(topic, partition);
      // Beyond the end: the log is not the one that was stored from. Nothing is guessed.
      if (first <= offset) throw error;
      metrics.countSkipped(topic as SinkTopic, first - offset);
      logger.error({ topic, partition, offset, first }, "results were deleted from the log before they were stored");
      return null;
    }
  }

  async #store(
    topic: SinkTopic,
    place: SinkPlace,
    from: number | null,
    next: number,
    records: readonly LogRecord[],
  ): Promise<boolean> {
    const { log, store, metrics, logger } = this.#options;
    const results = topic === "results" ? await this.#results(records) : [];
    const rejections = topic === "rejected" ? await this.#rejections(records) : [];
    const outcome = await store.store({ ...place, from, next, results, rejections });
    if (outcome === null) return false;
    metrics.countStored(topic, topic === "results" ? outcome.stored : rejections.length);
    if (outcome.divergent > 0) {
      metrics.countDivergence(outcome.divergent);
      logger.error(
        { topic, partition: place.partition, results: outcome.divergent },
        "results differ from stored ones",
      );
    }
    const told = topic === "results" && outcome.streamIds.length > 0 ? store.notify(outcome.streamIds) : null;
    // For those who look; neither is missed.
    await Promise.allSettled([told, log.commitGroupOffset(GROUP, topic, place.partition, next)]);
    return true;
  }

  async #results(records: readonly LogRecord[]): Promise<NewResult[]> {
    const results: NewResult[] = [];
    for (const record of records) {
      const value = await this.#decode("results", record);
      if (value === null) continue;
      const sha256 = createHash("sha256").update(record.value!.subarray(REGISTRY_HEADER_BYTES)).digest();
      results.push(newResult(value, sha256, await this.#outputsOf(value)));
    }
    return results;
  }

  async #rejections(records: readonly LogRecord[]): Promise<NewRejection[]> {
    const rejections: NewRejection[] = [];
    for (const record of records) {
      const value = await this.#decode("rejected", record);
      if (value !== null) rejections.push(rejectionOf(value, record));
    }
    return rejections;
  }

  /** null: it is no value of the topic, and nobody wrote it who is one of ours. */
  async #decode<Topic extends SinkTopic>(topic: Topic, { value, partition, offset }: LogRecord) {
    const { codec, metrics, logger } = this.#options;
    if (value === null) return null;
    try {
      return await codec.decode(topic, value);
    } catch (error) {
      if (!(error instanceof UndecodableRecord)) throw error;
      metrics.countSkipped(topic, 1);
      logger.error({ err: error, topic, partition, offset }, "a record of the log cannot be read and is left out");
      return null;
    }
  }

  async #outputsOf(value: { project_id: string; stream_id: string; definition_version: number }) {
    const { project_id: projectId, stream_id: streamId, definition_version: version } = value;
    const name = `${streamId}\n${version}`;
    const known = this.#outputs.get(name);
    if (known !== undefined) return known;
    const outputs = await this.#options.store.outputs(projectId, streamId, version);
    if (outputs.length === 0) return outputs;
    this.#outputs.set(name, outputs);
    if (this.#outputs.size > DEFINITIONS) this.#outputs.delete(this.#outputs.oldest!.key);
    return outputs;
  }
}

/** Of a record that could not be read the stream is known by the record's key. */
function rejectionOf(value: StreamRejection, record: LogRecord): NewRejection {
  const line = record.key.indexOf("\n");
  const streamId = value.stream_id !== "" || line === -1 ? value.stream_id : record.key.slice(0, line);
  const key = value.stream_id !== "" || line === -1 ? value.key : record.key.slice(line + 1);
  const { project_id: projectId, origin, definition_version: version, received_at: receivedAt } = value;
  const { reason, code, detail, t, v, raw } = value;
  const id = namedId("rej", receivedAt, `${streamId}\n${origin}\n${key}`);
  return { projectId, streamId, key, origin, id, version, receivedAt, reason, code, detail, t, v, raw };
}
