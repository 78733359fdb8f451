import type { PartitionLease } from "../../log/partition-leases.ts";

export interface KeyName {
  readonly streamId: string;
  readonly key: string;
}

/** A key as it is kept between two checkpoints. */
export interface SavedKey extends KeyName {
  readonly projectId: string;
  /** Of the definition in force; 0: none yet. */
  readonly version: number;
  readonly lastSeq: number;
  /** Of `encodeSavedState`. */
  readonly state: Uint8Array;
  /** It waits for a definition. */
  readonly isWaiting: boolean;
  /** When a flush is to be written, if no record comes before; null: never. */
  readonly flushAtMs: number | null;
  /** That flush forgets the key. */
  readonly forgets: boolean;
}

/** What a partition's records up to a position have left. */
export interface Checkpoint {
  readonly lease: PartitionLease;
  /** Of the checkpoint before; null: there was none. */
  readonly expected: number | null;
  /** Offset of the first record that is not in it. */
  readonly next: number;
  readonly saved: readonly SavedKey[];
  readonly ended: readonly KeyName[];
}

/** A key for which a flush is to be written. */
export type DueKey = Pick<SavedKey, "streamId" | "key" | "projectId" | "version" | "lastSeq" | "forgets"> & {
  readonly partition: number;
};

/** States of keys and positions in the topic `events`, of one log. */
export interface StreamStates {
  /** Offset of the next record of a partition; null: nothing has been saved yet. @throws DependencyUnavailable */
  position(partition: number): Promise<number | null>;
  /** Those of the keys that there are. @throws DependencyUnavailable */
  load(partition: number, keys: readonly KeyName[]): Promise<readonly SavedKey[]>;
  /** Keys that wait for a definition. @throws DependencyUnavailable */
  waiting(partition: number): Promise<readonly SavedKey[]>;
  /** All or nothing. @throws LeaseLost, PositionMoved; DependencyUnavailable: the outcome is unknown */
  commit(checkpoint: Checkpoint): Promise<void>;
  /** Keys whose time has come, the longest first. @throws DependencyUnavailable */
  due(partitions: readonly number[], atMs: number, limit: number): Promise<readonly DueKey[]>;
  /** Forgets the keys of deleted streams. @throws DependencyUnavailable */
  deleteStreams(partition: number, streamIds: readonly string[]): Promise<void>;
}

/** Another process has gone on from the same position. */
export class PositionMoved extends Error {
  override readonly name = "PositionMoved";
}
