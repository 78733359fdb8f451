import type { StreamOutput } from "@tda-platform/contract/events/stream-definition";
import type { RejectionReason } from "@tda-platform/contract/events/stream-rejection";
import type { TopicName } from "@tda-platform/contract/events/topics";
import type { StreamStatus } from "@tda-platform/contract/streams";
import type {
  NewRejection,
  NewResult,
  NewStream,
  RejectedPoint,
  StoredResult,
  StreamChange,
  StreamRecord,
} from "./stream.ts";

/** What a project does with its streams. Every promise resolves after the commit. */
export interface StreamStore {
  /**
   * Stores the stream and what the log is told of it. One that is there by its identifier is found instead. null: the project
   * has `limit` streams already (0: no limit).
   */
  create(stream: NewStream, limit: number): Promise<StreamRecord | null>;
  find(projectId: string, id: string): Promise<StreamRecord | null>;
  /** One more than `limit` when there are more; newest first. */
  list(projectId: string, page: PageOf): Promise<readonly StreamRecord[]>;
  /** Under the lock of the stream's row. null: there is none. */
  change(projectId: string, id: string, changed: (present: StreamRecord) => StreamChange): Promise<StreamRecord | null>;
  setStatus(projectId: string, id: string, status: StreamStatus): Promise<StreamRecord | null>;
  /** Whether there was one. Its results go by and by. */
  remove(projectId: string, id: string): Promise<boolean>;
  /** Remembers keys, so that a flush finds them; false: the stream would have more than `limit`, and none is new. */
  addKeys(projectId: string, id: string, keys: readonly string[], limit: number): Promise<boolean>;
  /** In their order, those after one. */
  keys(projectId: string, id: string, after: string | null, limit: number): Promise<readonly string[]>;
}

export interface PageOf {
  readonly limit: number;
  readonly before: string | null;
}

export interface ResultQuery {
  readonly limit: number;
  /** Place of the last result of the page before. */
  readonly before: { readonly windowStart: number; readonly id: string } | null;
  readonly key: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly version: number | null;
  readonly isEveryRevision: boolean;
}

/** What a project reads of its streams' results and rejected points. */
export interface StreamResultStore {
  /** One more than `limit` when there are more; by the beginning of the window, newest first. */
  list(projectId: string, streamId: string, query: ResultQuery): Promise<readonly StoredResult[]>;
  /** Results after a position, in their order. */
  after(projectId: string, streamId: string, position: number, limit: number): Promise<readonly StoredResult[]>;
  /** Of the newest result; 0: there is none. null: there is no such stream. */
  lastPosition(projectId: string, streamId: string): Promise<number | null>;
  rejected(
    projectId: string,
    streamId: string,
    query: PageOf & { readonly key: string | null; readonly reason: RejectionReason | null },
  ): Promise<readonly RejectedPoint[]>;
  /** Points that can be sent again, the oldest first. */
  redrivable(
    projectId: string,
    streamId: string,
    filter: { readonly ids: readonly string[] | null; readonly reason: RejectionReason | null },
    limit: number,
  ): Promise<readonly RejectedPoint[]>;
  markRedriven(projectId: string, streamId: string, ids: readonly string[]): Promise<void>;
}

/** Part of a topic that a sink stores. */
export interface SinkPlace {
  /** Which log: another one has offsets of its own. */
  readonly log: string;
  readonly topic: TopicName;
  readonly partition: number;
}

export interface SinkBatch extends SinkPlace {
  /** How far it is stored, as this sink knows it (null: not at all), and how far with the batch. */
  readonly from: number | null;
  readonly next: number;
  readonly results: readonly NewResult[];
  readonly rejections: readonly NewRejection[];
}

export interface SinkOutcome {
  readonly stored: number;
  /** Names that are there with other bytes: the first ones stay. */
  readonly divergent: number;
  /** Streams with new results or rejected points. */
  readonly streamIds: readonly string[];
}

/** Where results and rejected points of all projects go. */
export interface SinkStore {
  /** Where to go on; null: nothing of it has been stored. */
  next(place: SinkPlace): Promise<number | null>;
  /** What results of a version of a definition hold; empty: it is not there any more. */
  outputs(projectId: string, streamId: string, version: number): Promise<readonly StreamOutput[]>;
  /** Stores a batch and its offset, both or none. null: somebody else has stored on, and the partition is theirs. */
  store(batch: SinkBatch): Promise<SinkOutcome | null>;
  /** Tells those who follow. May be lost. */
  notify(streamIds: readonly string[]): Promise<void>;
}

/** What is told between processes as it happens. A message may be lost. */
export interface StreamSignals {
  /** These streams have new results; null: maybe some. */
  onResults(listener: (ids: readonly string[] | null) => void): void;
  /** These streams were changed, paused or deleted; null: maybe some. */
  onChanged(listener: (ids: readonly string[] | null) => void): void;
}
