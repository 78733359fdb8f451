import type { JobAlgorithm, JobStatus } from "@tda-platform/contract/jobs";
import type { Problem } from "@tda-platform/contract/problems";
import type { JobEvent, JobRecord, JobResult, LeasedJob, NewJob } from "./job.ts";

/** What a project does with its jobs. Every promise resolves after the commit. */
export interface JobStore {
  /** Stores the job, its input and the event of its submission. */
  submit(job: NewJob): Promise<JobRecord>;
  find(projectId: string, id: string): Promise<JobRecord | null>;
  /** One more than `limit` when there are more; newest first. */
  list(projectId: string, query: JobQuery): Promise<readonly JobRecord[]>;
  /** null: it has none (any more). */
  result(projectId: string, id: string): Promise<JobResult | null>;
  /** Cancels what is not finished; the job as it is then. null: there is none. */
  cancel(projectId: string, id: string): Promise<JobRecord | null>;
  /** Cancels at most `limit` jobs; how many. */
  cancelMany(projectId: string, filter: JobFilter, limit: number): Promise<number>;
  /** Puts a failed or cancelled job back into the queue; null: it is none of these, or its input is gone. */
  redrive(projectId: string, id: string): Promise<JobRecord | null>;
  /** Events after a version, in their order. */
  events(projectId: string, id: string, after: number, limit: number): Promise<readonly JobEvent[]>;
}

export interface JobQuery {
  readonly limit: number;
  readonly before: string | null;
  readonly status: JobStatus | null;
  readonly algorithm: JobAlgorithm | null;
}

export interface JobFilter {
  readonly status: "queued" | "running" | null;
  readonly algorithm: JobAlgorithm | null;
  readonly createdBefore: Date | null;
  readonly ids: readonly string[] | null;
}

/** What workers do, across projects. */
export interface JobQueue {
  lease(request: LeaseRequest): Promise<readonly LeasedJob[]>;
  /** The input of a job that was too large to come along; null: it is gone. */
  input(job: Pick<LeasedJob, "projectId" | "id">): Promise<Uint8Array | null>;
  /** Renews leases and tells progress. Returns the ids of the jobs whose lease still holds. */
  renew(worker: string, leaseSeconds: number, beats: readonly Heartbeat[]): Promise<ReadonlySet<string>>;
  /** State, result and event in one transaction, if the token still holds: whether it did. */
  finish(worker: string, outcome: JobOutcome): Promise<boolean>;
  /** Jobs whose worker is gone wait again or are dead; those past their deadline fail. Returns what it found. */
  reconcile(maxAttempts: number): Promise<Reconciled>;
  /** Jobs that wait or run. */
  depth(): Promise<{ readonly queued: number; readonly running: number }>;
}

export interface LeaseRequest {
  readonly worker: string;
  readonly leaseSeconds: number;
  /** Jobs of any cost. */
  readonly slots: number;
  /** Further ones that are estimated to take no longer than `smallSeconds`. */
  readonly smallJobs: number;
  readonly smallSeconds: number;
}

export interface Heartbeat extends Pick<LeasedJob, "projectId" | "id" | "attempt"> {
  readonly progress: number;
  readonly stage: string | null;
}

/** How an attempt ended. */
export type JobOutcome = Pick<LeasedJob, "projectId" | "id" | "attempt"> &
  (
    | { readonly kind: "succeeded"; readonly body: Uint8Array; readonly ran: RanComputation | null }
    | {
        readonly kind: "failed";
        readonly error: Problem;
        readonly isDead: boolean;
        readonly ran: RanComputation | null;
      }
    /** Waits again. `isFailure`: it counts as one of the failures that are not its own. */
    | {
        readonly kind: "queued";
        readonly error: Problem | null;
        readonly afterSeconds: number;
        readonly isFailure: boolean;
      }
  );

/** What is recorded of the computation of an attempt. */
export interface RanComputation {
  readonly statistics: Readonly<Record<string, unknown>> | null;
  readonly engine: string;
  readonly engineVersion: string;
}

export interface Reconciled {
  readonly lostLeases: number;
  readonly dead: number;
  readonly pastDeadline: number;
}

/** What is told between processes as it happens. A message may be lost: who relies on one also looks now and then. */
export interface JobSignals {
  /** Jobs may be waiting. */
  onQueued(listener: () => void): void;
  /** These jobs were cancelled; null: maybe some. */
  onCancelled(listener: (ids: readonly string[] | null) => void): void;
  /** These jobs have new events; null: maybe some. */
  onEvents(listener: (ids: readonly string[] | null) => void): void;
}
