import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import { recordKey } from "@tda-platform/contract/events/topics";
import type { Engine } from "@tda-platform/engine/types";
import { silent } from "../../src/adapters/database/testing/records.ts";
import type { EventCodec, EventLog, LogMessage, LogRecord, TopicValue } from "../../src/domain/log/event-log.ts";
import { type LeaseTimes, SharedLeases } from "../../src/domain/log/lease-membership.ts";
import { StreamRunner } from "../../src/domain/streams/runner/stream-runner.ts";
import { createMetrics, type Metrics } from "../../src/internal/metrics.ts";
import { openLog } from "./event-log.ts";
import type { RunnerProcessOptions } from "./stream-runner-process.ts";
import { TestBed } from "./test-bed.ts";

/** Of processes that are killed, so that a test need not wait. */
const SHORT_LEASES: LeaseTimes = { ttlMs: 1_500, beatMs: 300 };

export interface TestRunner {
  readonly runner: StreamRunner;
  readonly metrics: Metrics;
}

/** The embedded event log of a real database, and stream engines on it. */
export class StreamBed {
  readonly bed: TestBed;
  readonly log: EventLog;
  readonly codec: EventCodec;
  readonly #runners: StreamRunner[] = [];
  readonly #processes: ChildProcess[] = [];

  private constructor(bed: TestBed, log: EventLog, codec: EventCodec) {
    this.bed = bed;
    this.log = log;
    this.codec = codec;
  }

  static async open(): Promise<StreamBed> {
    // Of three processes.
    const bed = await TestBed.open({ connections: 40 });
    const { log, codec } = await openLog(bed.database);
    return new StreamBed(bed, log, codec);
  }

  /** A stream engine in this process. */
  runner(engine: Engine): TestRunner {
    const metrics = createMetrics();
    const { log, codec } = this;
    const { database } = this.bed;
    const runner = new StreamRunner({
      ...{ log, codec, engine },
      leases: new SharedLeases(database.leases, silent),
      states: database.streamStates(log.kind),
      concurrency: 4,
      metrics: metrics.streams,
      logger: silent,
    });
    runner.start();
    this.#runners.push(runner);
    return { runner, metrics };
  }

  /** A stream engine in a process of its own, to be frozen or killed. */
  async process(): Promise<ChildProcess> {
    const file = fileURLToPath(new URL("./stream-runner-process.ts", import.meta.url));
    const child = fork(file, { serialization: "advanced", execArgv: [] });
    this.#processes.push(child);
    const { masterKey, database } = this.bed;
    child.send({ masterKey, shared: database.shared, times: SHORT_LEASES } satisfies RunnerProcessOptions);
    await once(child, "message");
    return child;
  }

  async define(...definitions: readonly StreamDefinition[]): Promise<void> {
    await this.log.append(
      definitions.map((definition) =>
        this.message("streams", recordKey(definition.stream_id, String(definition.version)), definition),
      ),
    );
  }

  async delete(streamId: string, ...versions: readonly number[]): Promise<void> {
    await this.log.append(
      versions.map((version) => ({
        topic: "streams",
        key: recordKey(streamId, String(version)),
        value: null,
        headers: {},
      })),
    );
  }

  async send(...events: readonly StreamEvent[]): Promise<void> {
    await this.log.append(events.map((event) => this.message("events", recordKey(event.stream_id, event.key), event)));
  }

  message<Topic extends "streams" | "events">(topic: Topic, key: string, value: TopicValue<Topic>): LogMessage {
    return { topic, key, value: this.codec.encode(topic, value), headers: {} };
  }

  /** Of one stream, key by key as the log has them, repeated ones included. */
  async results(streamId: string): Promise<readonly StreamResult[]> {
    return await this.values("results", streamId);
  }

  async rejected(streamId: string): Promise<readonly StreamRejection[]> {
    return await this.values("rejected", streamId);
  }

  /** Everything of a topic, partition by partition. */
  async records(topic: "events" | "results" | "rejected"): Promise<readonly LogRecord[]> {
    const all: LogRecord[] = [];
    for (let partition = 0; partition < (await this.log.partitions(topic)); partition++) {
      const { first, next } = await this.log.bounds(topic, partition);
      for (let at = first; at < next; ) {
        const options = { maxRecords: 10_000, maxBytes: 1e8, waitMs: 0, signal: new AbortController().signal };
        const records = await this.log.read(topic, partition, at, options);
        all.push(...records);
        at = records.at(-1)!.offset + 1;
      }
    }
    return all;
  }

  /** Of all streams, or of one. */
  async values<Topic extends "results" | "rejected">(topic: Topic, streamId?: string): Promise<TopicValue<Topic>[]> {
    const records = await this.records(topic);
    const wanted = streamId === undefined ? records : records.filter(({ key }) => key.startsWith(`${streamId}\n`));
    return await Promise.all(wanted.map(async ({ value }) => await this.codec.decode(topic, value!)));
  }

  /** Ends all stream engines, keeping the log. */
  async endRunners(): Promise<void> {
    for (const one of this.#runners.splice(0)) await one.stop();
    for (const child of this.#processes.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }

  async end(): Promise<void> {
    await this.endRunners();
    await this.log.close();
    await this.bed.end();
  }
}

/** Without what is the same again: the first under each name. */
export function distinct(results: readonly StreamResult[]): StreamResult[] {
  const seen = new Map<string, StreamResult>();
  for (const result of results) {
    const { key, definition_version: version, window_seq: seq, revision, opened_at: openedAt } = result;
    const name = `${key}/${version}/${seq}/${revision}/${openedAt}`;
    if (!seen.has(name)) seen.set(name, result);
  }
  return [...seen.values()];
}
