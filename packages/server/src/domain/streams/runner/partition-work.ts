import { setTimeout as sleep } from "node:timers/promises";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { recordKey } from "@tda-platform/contract/events/topics";
import type { Logger } from "../../../internal/logger.ts";
import type { StreamMetrics } from "../../../internal/stream-metrics.ts";
import { type EventCodec, type EventLog, type LogRecord, UndecodableRecord } from "../../log/event-log.ts";
import type { PartitionLease } from "../../log/partition-leases.ts";
import type { EngineCalls } from "../evaluation/engine-calls.ts";
import type { Emission } from "../evaluation/key-evaluation.ts";
import { undecodableRecord } from "../evaluation/stream-values.ts";
import { consume, resume } from "../windows/consume.ts";
import { endState } from "../windows/key-state.ts";
import type { Outcome } from "../windows/outcomes.ts";
import type { DefinitionNews, Definitions } from "./definitions.ts";
import { PartitionOutput } from "./output.ts";
import type { DueKey, KeyName, SavedKey, StreamStates } from "./ports.ts";
import { ResidentKeys } from "./resident-keys.ts";
import { RunningKey } from "./running-key.ts";

export interface WorkDependencies {
  readonly log: EventLog;
  readonly codec: EventCodec;
  readonly states: StreamStates;
  readonly definitions: Definitions;
  readonly calls: EngineCalls;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
}

const READ = { maxRecords: 500, maxBytes: 4_194_304, waitMs: 5_000 } as const;
/** How much a restart may have to repeat: its results are known by then and are ignored. */
const CHECKPOINT_MS = 500;
/** Keys in memory between two uses, of a partition. */
const RESIDENT_BYTES = 16_777_216;
/** Beyond, nothing more is read: windows under way and their points, results that are not written, keys that are not saved. */
const UNFINISHED_OUTCOMES = 2_000;
const UNFINISHED_BYTES = 33_554_432;
const WAITING_OUTPUT = 5_000;
const DIRTY_KEYS = 5_000;
/** What is under way when the partition is given back gets this long to end and to be saved. */
const LAST_CHECKPOINT_MS = 1_500;

/**
 * A partition of the topic `events`, as long as its lease lasts. It reads on while windows are evaluated; now and then it saves what the records so far
 * have made of their keys, with the position, in one transaction and under the lease. What was read after that is read again by whoever comes next.
 */
export class PartitionWork {
  readonly lease: PartitionLease;
  readonly #dependencies: WorkDependencies;
  readonly #keys = new ResidentKeys(RESIDENT_BYTES);
  /** Keys whose flush is written and not read yet, by the number of their points. */
  readonly #flushed = new Map<string, number>();
  readonly #dirty = new Set<RunningKey>();
  /** Ends the reading. */
  readonly #ending = new AbortController();
  readonly #output: PartitionOutput;
  #saved: number | null = null;
  #next = 0;
  #unfinished = 0;
  #unfinishedBytes = 0;
  #checkpoint: Promise<void> | null = null;
  #changed = Promise.withResolvers<void>();

  constructor(dependencies: WorkDependencies, lease: PartitionLease) {
    this.#dependencies = dependencies;
    this.lease = lease;
    const { log, codec } = dependencies;
    this.#output = new PartitionOutput(log, codec, lease, this.#ending.signal);
  }

  /** Offset of the record that is read next. */
  get position(): number {
    return this.#next;
  }

  /** Works until the signal. @throws what keeps it from going on; then it is to begin again, from what was saved. */
  async run(signal: AbortSignal): Promise<void> {
    const { definitions } = this.#dependencies;
    const stop = AbortSignal.any([signal, this.#ending.signal]);
    let failure: unknown = null;
    let stopListening = () => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([definitions.ready(), aborted(stop)]);
      if (stop.aborted) return;
      stopListening = definitions.onNews((news) => this.#onNews(news));
      await this.#begin();
      timer = setInterval(() => this.#save(), CHECKPOINT_MS);
      await this.#read(stop);
      if (this.#ending.signal.aborted) throw this.#ending.signal.reason;
      await this.#end();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      stopListening();
      clearInterval(timer);
      this.#ending.abort(failure ?? new Error("the partition was given back"));
    }
  }

  /** Whether a flush of the key is to be written: not where something has come since it was saved, or where the flush has been written. */
  takeDue({ streamId, key, lastSeq, forgets }: DueKey): boolean {
    const running = this.#keys.get({ streamId, key });
    if (running !== undefined) {
      const due = running.due(this.#dependencies.definitions);
      if (due.flushAtMs === null || due.flushAtMs > Date.now() || due.forgets !== forgets) return false;
    }
    const text = recordKey(streamId, key);
    if (this.#flushed.has(text)) return false;
    this.#flushed.set(text, lastSeq);
    return true;
  }

  /** The flush was not written after all. */
  giveBackDue({ streamId, key }: KeyName): void {
    this.#flushed.delete(recordKey(streamId, key));
  }

  async #begin(): Promise<void> {
    const { states, log, definitions, logger } = this.#dependencies;
    const { partition } = this.lease;
    await states.deleteStreams(partition, definitions.deleted);
    this.#saved = await states.position(partition);
    const bounds = await log.bounds("events", partition);
    this.#next = this.#saved ?? bounds.first;
    if (this.#next < bounds.first || this.#next > bounds.next) {
      const next = this.#next < bounds.first ? bounds.first : bounds.next;
      logger.error(
        { partition, position: this.#next, ...bounds },
        "records of streams are gone: the log does not have them any more",
      );
      this.#dependencies.metrics.countGap();
      this.#next = next;
    }
    for (const saved of await states.waiting(partition))
      this.#keys.add(this.#running(saved, saved.projectId, saved.state));
    this.#onNews({ deleted: [] });
  }

  async #read(stop: AbortSignal): Promise<void> {
    const { log } = this.#dependencies;
    while (!stop.aborted) {
      await this.#room(stop);
      if (stop.aborted) return;
      const records = await log.read("events", this.lease.partition, this.#next, { ...READ, signal: stop });
      if (stop.aborted) return;
      if (records.length > 0) await this.#consume(records);
    }
  }

  async #room(stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.#isFull()) {
      if (this.#dirty.size > DIRTY_KEYS) this.#save();
      await Promise.race([this.#changed.promise, sleep(CHECKPOINT_MS, undefined, { ref: false })]);
    }
  }

  #isFull(): boolean {
    return (
      this.#unfinished > UNFINISHED_OUTCOMES ||
      this.#unfinishedBytes > UNFINISHED_BYTES ||
      this.#output.waiting > WAITING_OUTPUT ||
      this.#dirty.size > DIRTY_KEYS
    );
  }

  /** Everything that has to be waited for comes first: what changes states does so in one go. */
  async #consume(records: readonly LogRecord[]): Promise<void> {
    const { definitions, metrics } = this.#dependencies;
    const events: (StreamEvent | null)[] = [];
    for (const record of records) events.push(await this.#decode(record));
    await this.#load(events.filter((event) => event !== null));
    for (const [i, record] of records.entries()) {
      const event = events[i] as StreamEvent | null;
      const { partition, offset } = record;
      if (event === null) {
        this.#emit({ topic: "rejected", value: undecodableRecord(record) });
      } else {
        const name = { streamId: event.stream_id, key: event.key };
        const key = this.#keys.get(name) as RunningKey;
        key.lastRecordAtMs = Date.now();
        this.#flushed.delete(recordKey(name.streamId, name.key));
        this.#evaluate(key, consume(key.state, definitions, event, { partition, offset }));
      }
      metrics.countRecord(event);
      this.#next = offset + 1;
    }
  }

  async #decode(record: LogRecord): Promise<StreamEvent | null> {
    if (record.value === null) return null;
    try {
      return await this.#dependencies.codec.decode("events", record.value);
    } catch (error) {
      if (error instanceof UndecodableRecord) return null;
      throw error;
    }
  }

  async #load(events: readonly StreamEvent[]): Promise<void> {
    for (;;) {
      const missing = new Map<string, StreamEvent>();
      for (const event of events) {
        const isHere = this.#keys.get({ streamId: event.stream_id, key: event.key }) !== undefined;
        if (!isHere) missing.set(recordKey(event.stream_id, event.key), event);
      }
      // Another look after each wait: a checkpoint may have let go of some.
      if (missing.size === 0) return;
      const names = [...missing.values()].map(({ stream_id: streamId, key }) => ({ streamId, key }));
      const found = await this.#dependencies.states.load(this.lease.partition, names);
      const saved = new Map(found.map((one) => [recordKey(one.streamId, one.key), one]));
      for (const [text, event] of missing) {
        const name = { streamId: event.stream_id, key: event.key };
        this.#keys.add(this.#running(name, event.project_id, saved.get(text)?.state ?? null));
      }
    }
  }

  #running(name: KeyName, projectId: string, saved: SavedKey["state"] | null): RunningKey {
    const { streamId, key } = name;
    return new RunningKey({ streamId, key }, projectId, saved, this.#dependencies.calls, (emission) =>
      this.#emit(emission),
    );
  }

  #evaluate(key: RunningKey, outcomes: readonly Outcome[]): void {
    this.#dirty.add(key);
    let bytes = 0;
    for (const outcome of outcomes) if (outcome.kind === "firing") bytes += outcome.values.byteLength;
    this.#unfinished += outcomes.length;
    this.#unfinishedBytes += bytes;
    key
      .evaluate(outcomes)
      .then(() => {
        this.#unfinished -= outcomes.length;
        this.#unfinishedBytes -= bytes;
        this.#tellChange();
      })
      .catch((error: unknown) => this.#ending.abort(error));
  }

  #emit(emission: Emission): void {
    if (this.#ending.signal.aborted) return;
    this.#dependencies.metrics.countEmission(emission);
    this.#output.add(emission);
  }

  #onNews({ deleted }: DefinitionNews): void {
    const { definitions, states, logger } = this.#dependencies;
    const gone = new Set(deleted);
    for (const key of this.#keys.all()) {
      if (gone.has(key.name.streamId)) {
        endState(key.state);
        this.#evaluate(key, [{ kind: "renewal" }]);
      } else if (key.state.waiting.length > 0) {
        this.#evaluate(key, resume(key.state, definitions));
      }
    }
    if (deleted.length === 0) return;
    // What fails here is done when the partition begins the next time.
    states.deleteStreams(this.lease.partition, deleted).catch((error: unknown) => {
      logger.warn({ err: error }, "keys of deleted streams are still there");
    });
  }

  /** Begins a checkpoint, unless one is under way or there is nothing new. */
  #save(): void {
    if (this.#checkpoint !== null || (this.#dirty.size === 0 && this.#next === this.#saved)) return;
    this.#checkpoint = this.#saveNow()
      .catch((error: unknown) => this.#ending.abort(error))
      .finally(() => {
        this.#checkpoint = null;
        this.#tellChange();
      });
  }

  async #saveNow(): Promise<void> {
    const { definitions, states, log, logger } = this.#dependencies;
    // All keys as they are now, which is after all records before this one.
    const next = this.#next;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const keys = await Promise.all(dirty.map((key) => key.checkpoint(definitions)));
    await this.#output.written();
    // From its end on what is emitted is dropped: a position after that would pass over it.
    this.#ending.signal.throwIfAborted();
    const saved = keys.flatMap((key) => key.saved ?? []);
    const ended = keys.filter((key) => key.saved === null);
    await states.commit({ lease: this.lease, expected: this.#saved, next, saved, ended });
    this.#saved = next;
    this.#keys.evict();
    const { group, partition } = this.lease;
    log.commitGroupOffset(group, "events", partition, next).catch((error: unknown) => {
      logger.debug({ err: error }, "the position was not told to lag tools");
    });
  }

  /** A last checkpoint, if what is under way ends soon; what is not saved is read again by the next one. */
  async #end(): Promise<void> {
    const save = async (): Promise<void> => {
      await this.#checkpoint;
      this.#save();
      await this.#checkpoint;
    };
    await Promise.race([save(), sleep(LAST_CHECKPOINT_MS, undefined, { ref: false })]);
  }

  #tellChange(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
