import { setTimeout as sleep } from "node:timers/promises";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { Logger } from "../../../internal/logger.ts";
import { type EventCodec, type EventLog, type LogRecord, UndecodableRecord } from "../../log/event-log.ts";
import type { KnownDefinitions } from "../windows/versions.ts";

const READ = { maxRecords: 1_000, maxBytes: 4_194_304, waitMs: 30_000 } as const;
const RETRY_MS = 500;

/** What a look at the topic brought. */
export interface DefinitionNews {
  readonly deleted: readonly string[];
}

/** Definitions of all streams, from the start of the topic `streams`, and what is written there from then on. */
export class Definitions implements KnownDefinitions {
  readonly #log: EventLog;
  readonly #codec: EventCodec;
  readonly #logger: Logger;
  readonly #versions = new Map<string, Map<number, StreamDefinition>>();
  readonly #deleted = new Set<string>();
  readonly #listeners = new Set<(news: DefinitionNews) => void>();
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(log: EventLog, codec: EventCodec, logger: Logger) {
    this.#log = log;
    this.#codec = codec;
    this.#logger = logger;
  }

  of(streamId: string, version: number): StreamDefinition | "unknown" | "deleted" {
    if (this.#deleted.has(streamId)) return "deleted";
    return this.#versions.get(streamId)?.get(version) ?? "unknown";
  }

  /** Streams that were deleted, as far as the topic remembers. */
  get deleted(): readonly string[] {
    return [...this.#deleted];
  }

  /** Resolves once all that was there at the start has been read. */
  ready(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** Calls back after definitions have come or streams were deleted, until the returned function is called. */
  onNews(listener: (news: DefinitionNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads until the signal; never fails. */
  async follow(signal: AbortSignal): Promise<void> {
    let next: number | null = null;
    let target = 0;
    while (!signal.aborted) {
      try {
        if (next === null) {
          const bounds = await this.#log.bounds("streams", 0);
          [next, target] = [bounds.first, bounds.next];
        }
        if (next >= target) this.#caughtUp.resolve();
        const records: readonly LogRecord[] = await this.#log.read("streams", 0, next, { ...READ, signal });
        await this.#take(records);
        next = (records.at(-1)?.offset ?? next - 1) + 1;
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.warn({ err: error }, "definitions of streams could not be read and are read again");
        // What is there is taken again from the start: it changes nothing.
        next = null;
        await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #take(records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    const deleted: string[] = [];
    for (const { key, value, offset } of records) {
      if (value === null) {
        const streamId = key.slice(0, Math.max(0, key.indexOf("\n")));
        this.#versions.delete(streamId);
        if (!this.#deleted.has(streamId)) deleted.push(streamId);
        this.#deleted.add(streamId);
        continue;
      }
      try {
        const definition = await this.#codec.decode("streams", value);
        const versions = this.#versions.get(definition.stream_id) ?? new Map<number, StreamDefinition>();
        versions.set(definition.version, definition);
        this.#versions.set(definition.stream_id, versions);
      } catch (error) {
        if (!(error instanceof UndecodableRecord)) throw error;
        this.#logger.error({ err: error, offset }, "a definition of a stream cannot be decoded; its records wait");
      }
    }
    for (const listener of this.#listeners) listener({ deleted });
  }
}
