import { createHash } from "node:crypto";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { recordKey } from "@tda-platform/contract/events/topics";
import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import type { StreamAccepted } from "@tda-platform/contract/streams";
import { DependencyUnavailable } from "../errors.ts";
import { cloudEventHeaders } from "../log/cloud-events.ts";
import type { EventCodec, EventLog, LogMessage } from "../log/event-log.ts";
import { ProblemError } from "../problem.ts";
import type { KnownStreams } from "./known-streams.ts";
import { PointBatch, type QuarantinedPoint } from "./point-batch.ts";
import { PointRate } from "./point-rate.ts";
import type { StreamRecord } from "./stream.ts";

export interface IngestSettings {
  readonly streamMaxFutureMs: number;
  readonly projectPointsPerSecond: number;
}

export interface IngestMetrics {
  countPoints(outcome: "accepted" | "rejected" | "quarantined", count: number): void;
}

export interface IngestDependencies {
  readonly known: KnownStreams;
  readonly log: EventLog;
  readonly codec: EventCodec;
  readonly settings: IngestSettings;
  readonly metrics: IngestMetrics;
}

/** A stream that takes points, and an empty batch for them. */
export interface OpenBatch {
  readonly stream: StreamRecord;
  readonly batch: PointBatch;
}

/** A request that brings points. */
export interface PointSource {
  /** The same when the request is sent again: its points are then taken once. */
  readonly batchId: string;
  readonly traceparent: string | null;
}

/** The one way of points into the log: by HTTP, by WebSocket, and once more. */
export class StreamIngest {
  readonly #dependencies: IngestDependencies;
  readonly #rate: PointRate;

  constructor(dependencies: IngestDependencies) {
    this.#dependencies = dependencies;
    this.#rate = new PointRate(dependencies.settings.projectPointsPerSecond);
  }

  /** Before a body is read. @throws ProblemError `not_found`, `stream_paused`; DependencyUnavailable. */
  async open(projectId: string, id: string): Promise<OpenBatch> {
    const stream = await this.#dependencies.known.stream(projectId, id);
    if (stream.status === "paused") throw new ProblemError("stream_paused", "The stream is paused.");
    const latestMs = Date.now() + this.#dependencies.settings.streamMaxFutureMs;
    return { stream, batch: new PointBatch(stream.settings.point_dimension, latestMs) };
  }

  /**
   * Resolves once the points are durable.
   * @throws ProblemError `log_unavailable` (the outcome is unknown), `stream_rate_exceeded`, `stream_key_limit_exceeded`,
   * `stream_batch_too_large`; DependencyUnavailable.
   */
  async push(stream: StreamRecord, batch: PointBatch, source: PointSource): Promise<StreamAccepted> {
    const { known, metrics } = this.#dependencies;
    const waitSeconds = this.#rate.take(stream.projectId, batch.accepted, performance.now());
    if (waitSeconds > 0) {
      const extras = { retryAfterSeconds: Math.max(1, Math.ceil(waitSeconds)) };
      throw new ProblemError("stream_rate_exceeded", "The project sends too many points.", extras);
    }
    const receivedAt = Date.now();
    const head = {
      project_id: stream.projectId,
      stream_id: stream.id,
      definition_version: stream.version,
      received_at: receivedAt,
      batch_id: source.batchId,
    };
    const events = batch.events(head);
    await known.remember(stream, batch.keys);
    await this.append(() => [
      ...this.#points(stream, events, source),
      ...this.#quarantined(stream, batch.quarantined, source, receivedAt),
    ]);
    const { accepted, rejected: wrong, quarantined } = batch;
    metrics.countPoints("accepted", accepted);
    metrics.countPoints("quarantined", quarantined.length);
    metrics.countPoints("rejected", wrong.length - quarantined.length);
    return { accepted, rejected: wrong };
  }

  /** @throws ProblemError `log_unavailable`: the outcome is unknown. */
  async append(make: () => readonly LogMessage[]): Promise<void> {
    try {
      const messages = make();
      if (messages.length > 0) await this.#dependencies.log.append(messages);
    } catch (error) {
      if (!(error instanceof DependencyUnavailable)) throw error;
      const detail =
        "The log did not acknowledge the points: whether it has them is not known. Send the same again, with the same Idempotency-Key.";
      const extras = { retryAfterSeconds: Math.max(error.retryAfterSeconds, RETRY_AFTER_SECONDS), cause: error };
      throw new ProblemError("log_unavailable", detail, extras);
    }
  }

  #points(
    stream: StreamRecord,
    events: readonly StreamEvent[],
    { batchId, traceparent }: PointSource,
  ): readonly LogMessage[] {
    const headers = headersOf(stream.id, "stream.points", traceparent);
    return events.map((event, index) => ({
      topic: "events",
      key: recordKey(stream.id, event.key),
      value: this.#dependencies.codec.encode("events", event),
      headers: { ...headers, ce_id: `${batchId}:${index}` },
    }));
  }

  #quarantined(
    stream: StreamRecord,
    points: readonly QuarantinedPoint[],
    { batchId, traceparent }: PointSource,
    receivedAt: number,
  ): readonly LogMessage[] {
    const headers = headersOf(stream.id, "stream.rejected", traceparent);
    return points.map(({ key, index, t, v }) => {
      const origin = `batch:${batchId}:${index}`;
      const value = this.#dependencies.codec.encode("rejected", {
        project_id: stream.projectId,
        stream_id: stream.id,
        key,
        definition_version: stream.version,
        origin,
        reason: "quarantined",
        code: "time_in_future",
        detail: "The time is too far ahead of the server's clock.",
        received_at: receivedAt,
        t,
        v,
        raw: null,
      });
      return { topic: "rejected", key: recordKey(stream.id, key), value, headers: { ...headers, ce_id: origin } };
    });
  }
}

/** Of a request: the same for the same key of idempotency, or of this request alone. */
export function batchIdOf(projectId: string, streamId: string, key: string): string {
  return createHash("sha256").update(`${projectId}\n${streamId}\n${key}`).digest("base64url").slice(0, 27);
}

/** CloudEvents attributes of a stream's records, but for their `ce_id`. */
export function headersOf(
  streamId: string,
  type: string,
  traceparent: string | null,
): Readonly<Record<string, string>> {
  return cloudEventHeaders({ type, source: `/v1/streams/${streamId}`, id: "", time: new Date(), traceparent });
}
