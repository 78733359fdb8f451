/** A partition that this process works on. Of two leases of one partition the one with the higher epoch counts. */
export interface PartitionLease {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
}

/** Another process has the partition now: what was to be written under the lease was not. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export interface JoinOptions {
  /** Whose work it is: `relay`, `sink`, `stream`. */
  readonly group: string;
  /** What is shared out: a topic, or another list with a fixed number of parts. */
  readonly topic: string;
  readonly partitions: number;
  /**
   * Works on a partition until the signal, which comes when the lease ends, and should then end soon. Called again, after a
   * pause, when it ends or fails before. Without it the holder looks at `held`.
   */
  readonly work?: (lease: PartitionLease, signal: AbortSignal) => Promise<void>;
  /** `held` is another now. */
  readonly onChange?: () => void;
}

/** What a process holds of a group's partitions: as many as the others, as long as it says that it is there. */
export interface LeaseMembership {
  /** Those whose time is not over, by this process's clock. What was frozen meanwhile learns of it from `held` only after. */
  readonly held: readonly PartitionLease[];
  isHeld(lease: PartitionLease): boolean;
  /** Ends the work and gives everything back. Idempotent. */
  close(): Promise<void>;
}

/** Shares partitions out between the processes of all instances. What is written under a lease is compared with it where it is written. */
export interface PartitionLeases {
  join(options: JoinOptions): LeaseMembership;
}

/** One heartbeat of a member. */
export interface Beat {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly member: string;
  readonly ttlMs: number;
}

export interface BeatAnswer {
  readonly held: readonly PartitionLease[];
  /** How many a member has when all have as many. */
  readonly share: number;
}

/** Where leases are kept, under one clock. */
export interface LeaseStore {
  /** Renews what the member has, and takes what is free up to its share. @throws DependencyUnavailable */
  beat(beat: Beat): Promise<BeatAnswer>;
  /** Gives leases back. @throws DependencyUnavailable */
  release(member: string, leases: readonly PartitionLease[]): Promise<void>;
  /** Lets through while these are the newest leases of their partitions. @throws LeaseLost, DependencyUnavailable */
  require(leases: readonly PartitionLease[]): Promise<void>;
  leave(group: string, topic: string, member: string): Promise<void>;
  /** Tells when others may have come, gone or given back, until the returned function is called. */
  onChange(listener: () => void): () => void;
}
