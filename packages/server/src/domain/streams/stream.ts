import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { RejectionReason } from "@tda-platform/contract/events/stream-rejection";
import type { Stream, StreamSettings, StreamStatus } from "@tda-platform/contract/streams";

/** A stream as it is stored. Times are the database's. */
export interface StreamRecord {
  readonly id: string;
  readonly projectId: string;
  readonly status: StreamStatus;
  /** Of the definition that new points are written under. */
  readonly version: number;
  readonly settings: StreamSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A stream to store, with the definition that goes to the log. */
export interface NewStream {
  readonly id: string;
  readonly projectId: string;
  readonly settings: StreamSettings;
  readonly definition: StreamDefinition;
}

/** What becomes of a stream. `definition` null: nothing that the log needs to know; else of the present version or the next. */
export interface StreamChange {
  readonly settings: StreamSettings;
  readonly definition: StreamDefinition | null;
}

/** A result to store. Named by project, stream, version, key, sequence number of the window, revision and `openedAt`. */
export interface NewResult {
  readonly projectId: string;
  readonly streamId: string;
  readonly version: number;
  readonly key: string;
  readonly windowSeq: number;
  readonly revision: number;
  /** Milliseconds since 1970, of the record that opened the window. */
  readonly openedAt: number;
  readonly id: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly supersededBy: number | null;
  readonly alerts: readonly string[];
  /** SHA-256 of its bytes in the log. */
  readonly sha256: Uint8Array;
  /** As clients see it: JSON text in UTF-8. */
  readonly body: Uint8Array;
}

/** A rejected point to store, named by stream, key and origin. */
export interface NewRejection {
  /** Empty: not known; that of the stream. */
  readonly projectId: string;
  readonly streamId: string;
  readonly key: string;
  readonly origin: string;
  readonly id: string;
  readonly version: number;
  readonly reason: RejectionReason;
  readonly code: string;
  readonly detail: string;
  readonly receivedAt: number;
  readonly t: number | null;
  readonly v: readonly number[] | null;
  readonly raw: Uint8Array | null;
}

export interface RejectedPoint {
  readonly id: string;
  readonly key: string;
  readonly origin: string;
  readonly reason: RejectionReason;
  readonly code: string;
  readonly detail: string;
  readonly receivedAt: Date;
  readonly t: number | null;
  readonly v: readonly number[] | null;
  readonly redrivenAt: Date | null;
}

/** A stored result: its number in the stream, and JSON text. */
export interface StoredResult {
  readonly position: number;
  readonly id: string;
  readonly windowStart: number;
  readonly body: string;
}

/** A stream as clients see it. */
export function streamView({ id, status, version, settings, createdAt, updatedAt }: StreamRecord): Stream {
  return { id, status, version, ...settings, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
}
