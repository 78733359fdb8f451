import type { JobAlgorithm, JobEventBody, JobEventType, JobStatus, JobWarning } from "@tda-platform/contract/jobs";
import type { Problem } from "@tda-platform/contract/problems";

/** A job as it is stored. Times are the database's. */
export interface JobRecord {
  readonly id: string;
  readonly projectId: string;
  readonly algorithm: JobAlgorithm;
  readonly status: JobStatus;
  readonly priority: number;
  readonly progress: number;
  readonly stage: string | null;
  readonly attempt: number;
  readonly isDead: boolean;
  readonly warnings: readonly JobWarning[];
  readonly estimateSeconds: number | null;
  readonly estimateBytes: number | null;
  readonly callbackUrl: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly error: Problem | null;
}

/** A job to store. */
export interface NewJob {
  readonly id: string;
  readonly projectId: string;
  readonly principalId: string;
  readonly requestId: string;
  /** The trace that it was submitted in (W3C Trace Context), for its events; null: none. */
  readonly traceparent: string | null;
  readonly algorithm: JobAlgorithm;
  /** `id` of the answer that its result will be. */
  readonly computationId: string;
  /** As resolved, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputSha256: string;
  /** What a worker reads it from (`encodeInput`). */
  readonly input: Uint8Array;
  /** Equal for computations of the project whose results are the same. */
  readonly dedupKey: string;
  readonly priority: number;
  /** Its place in the queue is that of a job without cost and priority submitted so much later. */
  readonly orderDelaySeconds: number;
  readonly estimateSeconds: number | null;
  readonly estimateBytes: number | null;
  readonly cpuLimitSeconds: number | null;
  readonly deadlineSeconds: number | null;
  readonly callbackUrl: string | null;
  readonly warnings: readonly JobWarning[];
}

/** A job in the hands of a worker. The attempt together with the worker is the fencing token. */
export interface LeasedJob {
  readonly id: string;
  readonly projectId: string;
  readonly attempt: number;
  readonly algorithm: JobAlgorithm;
  readonly computationId: string;
  readonly requestId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputSha256: string;
  /** null: too large to come along (`JobQueue.input`). */
  readonly input: Uint8Array | null;
  readonly dedupKey: string;
  readonly estimateSeconds: number | null;
  readonly cpuLimitSeconds: number | null;
  /** Until the deadline, when it was leased; null: none. */
  readonly deadlineInMs: number | null;
  /** Failures so far that were not its own. */
  readonly failures: number;
  /** From the submission to this attempt. */
  readonly waitedMs: number;
}

/** Of a job that succeeded: its answer is `head` (made of these) and the stored body. */
export interface JobResult {
  readonly jobId: string;
  readonly computationId: string;
  readonly algorithm: JobAlgorithm;
  /** JSON text. */
  readonly parameters: string;
  readonly body: Uint8Array;
}

/** One event of a job; versions ascend without gaps. */
export interface JobEvent {
  readonly version: number;
  readonly type: JobEventType;
  readonly body: JobEventBody;
}
