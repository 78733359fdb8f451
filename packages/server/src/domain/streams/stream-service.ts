import { recordKey } from "@tda-platform/contract/events/topics";
import { STREAM_REDRIVE_POINTS } from "@tda-platform/contract/limits";
import type {
  Stream,
  StreamFlushed,
  StreamRedriven,
  StreamRedriveRequest,
  StreamRejected,
  StreamReplayed,
  StreamStatus,
} from "@tda-platform/contract/streams";
import { newId } from "../../internal/ids.ts";
import type { EventCodec, EventLog, LogMessage } from "../log/event-log.ts";
import { ProblemError } from "../problem.ts";
import type { KnownStreams } from "./known-streams.ts";
import { type RejectedPoint, type StoredResult, type StreamRecord, streamView } from "./stream.ts";
import { type DefinitionBounds, logDefinition, meansTheSame } from "./stream-definition.ts";
import type { StreamFeed } from "./stream-feed.ts";
import { batchIdOf, headersOf, type StreamIngest } from "./stream-ingest.ts";
import { replayPoints } from "./stream-replay.ts";
import { changedSettings, readStreamChange, readStreamRequest } from "./stream-request.ts";
import type { PageOf, ResultQuery, StreamResultStore, StreamStore } from "./stream-store.ts";

export interface StreamServiceSettings extends DefinitionBounds {
  readonly maxDimension: number;
  readonly projectStreams: number;
}

export interface StreamServiceDependencies {
  readonly store: StreamStore;
  readonly results: StreamResultStore;
  readonly known: KnownStreams;
  readonly ingest: StreamIngest;
  readonly feed: StreamFeed;
  readonly log: EventLog;
  readonly codec: EventCodec;
  readonly settings: StreamServiceSettings;
}

const FLUSHED_KEYS = 1_000;

/** What the API does with streams. */
export class StreamService {
  readonly ingest: StreamIngest;
  readonly feed: StreamFeed;
  readonly results: StreamResultStore;
  readonly #dependencies: StreamServiceDependencies;

  constructor(dependencies: StreamServiceDependencies) {
    this.#dependencies = dependencies;
    this.ingest = dependencies.ingest;
    this.feed = dependencies.feed;
    this.results = dependencies.results;
  }

  /** @throws ProblemError for whatever is wrong with the definition; `stream_quota_exceeded`. */
  async create(projectId: string, id: string, body: unknown): Promise<Stream> {
    const { store, settings: bounds } = this.#dependencies;
    const settings = readStreamRequest(body, bounds.maxDimension);
    const definition = logDefinition({ projectId, id, version: 1 }, settings, bounds);
    const stream = await store.create({ id, projectId, settings, definition }, bounds.projectStreams);
    if (stream !== null) return streamView(stream);
    throw new ProblemError("stream_quota_exceeded", `The project may have ${bounds.projectStreams} streams.`);
  }

  async list(projectId: string, page: PageOf): Promise<readonly Stream[]> {
    return (await this.#dependencies.store.list(projectId, page)).map(streamView);
  }

  /** @throws ProblemError `not_found`. */
  async read(projectId: string, id: string): Promise<Stream> {
    return streamView(await this.#find(projectId, id));
  }

  /** @throws ProblemError `not_found`, or for whatever is wrong with the definition that it would be. */
  async change(projectId: string, id: string, body: unknown): Promise<Stream> {
    const change = readStreamChange(body);
    const { settings: bounds } = this.#dependencies;
    return await this.#changed(projectId, id, (present) => {
      const settings = changedSettings(present.settings, change, bounds.maxDimension);
      const place = { projectId, id, version: present.version };
      const before = logDefinition(place, present.settings, bounds);
      const after = logDefinition(place, settings, bounds);
      if (!meansTheSame(before, after)) return { settings, definition: { ...after, version: present.version + 1 } };
      return { settings, definition: before.name === after.name ? null : after };
    });
  }

  /** @throws ProblemError `not_found`. */
  async setStatus(projectId: string, id: string, status: StreamStatus): Promise<Stream> {
    const { store, known } = this.#dependencies;
    const stream = await store.setStatus(projectId, id, status);
    known.forget(id);
    if (stream === null) throw notFound();
    return streamView(stream);
  }

  /** @throws ProblemError `not_found`. */
  async remove(projectId: string, id: string): Promise<void> {
    const { store, known } = this.#dependencies;
    const isRemoved = await store.remove(projectId, id);
    known.forget(id);
    if (!isRemoved) throw notFound();
  }

  /** A flush of every key is in the log when it resolves. @throws ProblemError `not_found`, `log_unavailable`. */
  async flush(projectId: string, id: string, traceparent: string | null): Promise<StreamFlushed> {
    const { store, ingest } = this.#dependencies;
    const stream = await this.#find(projectId, id);
    const headers = headersOf(id, "stream.flush", traceparent);
    let flushed = 0;
    for (let after: string | null = null; ; ) {
      const keys: readonly string[] = await store.keys(projectId, id, after, FLUSHED_KEYS);
      if (keys.length > 0) await ingest.append(() => keys.map((key) => this.#flushOf(stream, key, headers)));
      flushed += keys.length;
      after = keys.at(-1) ?? null;
      if (keys.length < FLUSHED_KEYS) return { keys: flushed };
    }
  }

  /** @throws ProblemError `not_found`. */
  async listResults(projectId: string, id: string, query: ResultQuery): Promise<readonly StoredResult[]> {
    await this.#find(projectId, id);
    return await this.results.list(projectId, id, query);
  }

  /** @throws ProblemError `not_found`. */
  async rejected(
    projectId: string,
    id: string,
    query: Parameters<StreamResultStore["rejected"]>[2],
  ): Promise<readonly StreamRejected[]> {
    await this.#find(projectId, id);
    return (await this.results.rejected(projectId, id, query)).map(rejectedView);
  }

  /** Sends rejected points once more, as new ones. @throws ProblemError as pushing points does. */
  async redrive(
    projectId: string,
    id: string,
    { ids = null, reason = null }: { readonly [K in keyof StreamRedriveRequest]?: StreamRedriveRequest[K] | null },
    traceparent: string | null,
  ): Promise<StreamRedriven> {
    const { stream, batch } = await this.ingest.open(projectId, id);
    const limit = STREAM_REDRIVE_POINTS;
    const found = await this.results.redrivable(projectId, id, { ids, reason }, limit);
    for (const { t, v, key } of found) batch.add({ t, v, key });
    const batchId = batchIdOf(projectId, id, newId("req"));
    const { accepted } = await this.ingest.push(stream, batch, { batchId, traceparent });
    await this.results.markRedriven(
      projectId,
      id,
      found.map((one) => one.id),
    );
    return { redriven: accepted, more: found.length === limit };
  }

  /**
   * Writes the points of a paused stream from an event time on once more, under a new version of its definition.
   * @throws ProblemError `not_found`, `stream_not_paused`, `stream_batch_too_large`, `log_unavailable`.
   */
  async replay(projectId: string, id: string, fromMs: number): Promise<StreamReplayed> {
    const { store, known, settings: bounds } = this.#dependencies;
    const stream = await store.change(projectId, id, (present) => {
      if (present.status !== "paused") throw new ProblemError("stream_not_paused", "Pause the stream first.");
      const place = { projectId, id, version: present.version + 1 };
      return { settings: present.settings, definition: logDefinition(place, present.settings, bounds) };
    });
    known.forget(id);
    if (stream === null) throw notFound();
    const append = (messages: readonly LogMessage[]) => this.ingest.append(() => messages);
    const points = await replayPoints({ ...this.#dependencies, append }, stream, fromMs, new AbortController().signal);
    return { version: stream.version, points };
  }

  async #changed(projectId: string, id: string, changed: Parameters<StreamStore["change"]>[2]): Promise<Stream> {
    const { store, known } = this.#dependencies;
    const stream = await store.change(projectId, id, changed);
    known.forget(id);
    if (stream === null) throw notFound();
    return streamView(stream);
  }

  #flushOf(stream: StreamRecord, key: string, headers: Readonly<Record<string, string>>): LogMessage {
    const value = this.#dependencies.codec.encode("events", {
      project_id: stream.projectId,
      stream_id: stream.id,
      key,
      definition_version: stream.version,
      received_at: Date.now(),
      kind: "flush",
      batch_id: "",
      batch_part: 0,
      body_hash: new Uint8Array(0),
      points: [],
      last_seq: null,
      forget: false,
    });
    return { topic: "events", key: recordKey(stream.id, key), value, headers: { ...headers, ce_id: newId("evt") } };
  }

  async #find(projectId: string, id: string): Promise<StreamRecord> {
    const stream = await this.#dependencies.store.find(projectId, id);
    if (stream === null) throw notFound();
    return stream;
  }
}

function rejectedView(point: RejectedPoint): StreamRejected {
  const { id, key, t, v, reason, code, detail, origin, receivedAt, redrivenAt } = point;
  return {
    ...{ id, key, t, reason, code, detail, origin },
    v: v === null ? null : [...v],
    received_at: receivedAt.toISOString(),
    redriven_at: redrivenAt?.toISOString() ?? null,
  };
}

function notFound(): ProblemError {
  return new ProblemError("not_found", "There is no such stream.");
}
