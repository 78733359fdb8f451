/**
 * What a project may use, and what it has used. Whoever accepts work asks `Quotas` first and charges it afterwards; whoever
 * keeps what is limited (queued jobs, stored bytes) tells how much there is, from its own tables: no second count that could
 * drift from them. A limit of 0 in the settings is none.
 */
export interface Quotas {
  /** 0: none. */
  readonly limits: QuotaLimits;

  /**
   * Before jobs are queued, all or none. Exact within this instance; several instances together may pass the limit by what
   * they accept within a second. @throws ProblemError `job_quota_exceeded`, `cpu_quota_exceeded`; DependencyUnavailable.
   */
  admitJobs(projectId: string, count: number): Promise<void>;

  /**
   * Takes a place for a computation that a client waits for; call what it returns when the computation ends.
   * @throws ProblemError `concurrency_limit_exceeded`, `cpu_quota_exceeded`; DependencyUnavailable.
   */
  enterComputation(projectId: string): Promise<() => void>;

  /** Counts what was used; never fails and never waits. Written in groups, within seconds. */
  charge(projectId: string, used: Partial<UsageAmounts>): void;
}

export interface QuotaLimits {
  /** Synchronous computations of a project at the same time; of its jobs, those that run at the same time. */
  readonly concurrentComputations: number;
  /** Jobs of a project that are queued or running. */
  readonly queuedJobs: number;
  readonly storageBytes: number;
  readonly cpuSecondsPerHour: number;
}

/** What counts up, by project and hour. */
export interface UsageAmounts {
  readonly requests: number;
  readonly computations: number;
  /** Time of the engine by the threads that a computation asked for. */
  readonly cpuSeconds: number;
  /** Bodies of requests, and of datasets, as they came. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** What a project holds at present, each from the table that holds it. */
export interface HeldAmounts {
  /** Jobs that are queued or running. */
  queuedJobs(projectId: string): Promise<number>;
  /** Bytes of datasets, and of uploads in progress as they were announced. */
  storedBytes(projectId: string): Promise<number>;
}

/** Takes the amounts of one project in one hour, added to what is there. */
export interface UsageStore {
  add(amounts: readonly (UsageAmounts & { readonly projectId: string; readonly hour: Date })[]): Promise<void>;
  /** CPU seconds of a project since the beginning of an hour, as far as they are written. */
  cpuSecondsSince(projectId: string, hour: Date): Promise<number>;
  /** Hours with use, newest first, older than `before` and not older than `from`. */
  hours(projectId: string, query: UsageQuery): Promise<readonly UsageHour[]>;
}

export interface UsageQuery {
  readonly from: Date | null;
  readonly before: Date | null;
  readonly limit: number;
}

export interface UsageHour extends UsageAmounts {
  readonly hour: Date;
}
