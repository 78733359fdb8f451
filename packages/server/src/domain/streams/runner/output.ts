import { setTimeout as sleep } from "node:timers/promises";
import { recordKey, type TopicName } from "@tda-platform/contract/events/topics";
import { DependencyUnavailable } from "../../errors.ts";
import { type EventCodec, type EventLog, type LogMessage, RECORD_LIMIT_BYTES } from "../../log/event-log.ts";
import type { PartitionLease } from "../../log/partition-leases.ts";
import type { Emission } from "../evaluation/key-evaluation.ts";
import { oversizedResult } from "../evaluation/stream-values.ts";

const BATCH_RECORDS = 500;
const BATCH_BYTES = 4_194_304;
const RETRY_MS = 250;

/** What a partition's records give, on its way to the log: in order, one append at a time, everything that waits in the next one. */
export class PartitionOutput {
  readonly #log: EventLog;
  readonly #codec: EventCodec;
  readonly #lease: PartitionLease;
  readonly #signal: AbortSignal;
  #waiting: LogMessage[] = [];
  #isWriting = false;
  #added = 0;
  #durable = 0;
  #changed = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | null = null;

  constructor(log: EventLog, codec: EventCodec, lease: PartitionLease, signal: AbortSignal) {
    this.#log = log;
    this.#codec = codec;
    this.#lease = lease;
    this.#signal = signal;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(emission: Emission): void {
    this.#waiting.push(this.#messageOf(emission));
    this.#added += 1;
    if (!this.#isWriting && this.#failure === null) void this.#write();
  }

  /** Resolves once what has been added so far is durable. @throws LeaseLost; the signal's reason */
  async written(): Promise<void> {
    const wanted = this.#added;
    while (this.#failure === null && this.#durable < wanted) await this.#changed.promise;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    // What comes in the same turn shares the append.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#nextBatch();
        await this.#append(batch);
        this.#durable += batch.length;
        this.#tellChange();
      }
    } catch (error) {
      this.#failure = { error };
      this.#tellChange();
    }
    this.#isWriting = false;
  }

  #tellChange(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #nextBatch(): readonly LogMessage[] {
    let [records, bytes] = [0, 0];
    for (const { value } of this.#waiting) {
      bytes += value?.length ?? 0;
      if (records > 0 && (records === BATCH_RECORDS || bytes > BATCH_BYTES)) break;
      records += 1;
    }
    return this.#waiting.splice(0, records);
  }

  /** An append of unknown outcome is made again: the same bytes under the same names. */
  async #append(messages: readonly LogMessage[]): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        await this.#log.append(messages, [this.#lease]);
        return;
      } catch (error) {
        if (!(error instanceof DependencyUnavailable)) throw error;
        await sleep(RETRY_MS, undefined, { signal: this.#signal }).catch(() => undefined);
      }
    }
  }

  #messageOf(emission: Emission): LogMessage {
    if (emission.topic === "rejected") {
      const { value } = emission;
      const id = `${value.stream_id}/${value.key}/${value.origin}/${value.received_at}`;
      return this.#message("rejected", value, id, value.received_at, this.#codec.encode("rejected", value));
    }
    const { value } = emission;
    const bytes = this.#codec.encode("results", value);
    if (bytes.length > RECORD_LIMIT_BYTES) return this.#messageOf({ topic: "rejected", value: oversizedResult(value) });
    const window = `${value.definition_version}/${value.window_seq}/${value.revision}/${value.opened_at}`;
    return this.#message("results", value, `${value.stream_id}/${value.key}/${window}`, value.opened_at, bytes);
  }

  #message(
    topic: TopicName & ("results" | "rejected"),
    { stream_id: streamId, key }: { readonly stream_id: string; readonly key: string },
    id: string,
    timeMs: number,
    value: Uint8Array,
  ): LogMessage {
    return {
      topic,
      key: recordKey(streamId, key),
      value,
      headers: {
        ce_specversion: "1.0",
        ce_id: id,
        ce_source: `/v1/streams/${streamId}`,
        ce_type: topic === "results" ? "stream.result" : "stream.rejected",
        ce_time: timeText(timeMs),
      },
    };
  }
}

function timeText(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}
