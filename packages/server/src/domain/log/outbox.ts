import type { PartitionLease } from "./partition-leases.ts";

/** Parts of the outbox that are relayed each by itself; those of one aggregate are in one. */
export const OUTBOX_LANES = 64;

/** A change that was written with its event, and that the log does not have yet. */
export interface OutboxRow {
  readonly projectId: string;
  readonly topic: string;
  /** What changed: a job, a stream, or a batch of computations. */
  readonly aggregateId: string;
  /** Of the aggregate: 1, 2, … in the order of its changes. */
  readonly version: number;
  readonly lane: number;
  readonly type: string;
  readonly payload: unknown;
  readonly createdAt: Date;
  readonly traceparent: string | null;
}

export interface OutboxBacklog {
  readonly rows: number;
  readonly oldestSeconds: number;
}

/** The events that wait to be relayed. */
export interface Outbox {
  /**
   * Some of those in the lanes, of each aggregate the lowest versions that there are, ascending.
   * @param perLane Aggregates looked at in each lane.
   * @throws DependencyUnavailable
   */
  unpublished(lanes: readonly number[], perLane: number): Promise<readonly OutboxRow[]>;
  /** Marks what the log has. @throws LeaseLost when a lane is another's by now; DependencyUnavailable */
  mark(rows: readonly OutboxRow[], leases: readonly PartitionLease[]): Promise<void>;
  backlog(): Promise<OutboxBacklog>;
  /** Tells that there may be rows, until the returned function is called. Not of every row: look at intervals too. */
  onWritten(listener: () => void): () => void;
}
