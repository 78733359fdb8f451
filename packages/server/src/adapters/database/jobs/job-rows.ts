import type { JobAlgorithm, JobStatus, JobWarning } from "@tda-platform/contract/jobs";
import type { Problem } from "@tda-platform/contract/problems";
import type { JobRecord } from "../../../domain/jobs/job.ts";

export interface JobRow {
  readonly id: string;
  readonly project_id: string;
  readonly algorithm: JobAlgorithm;
  readonly status: JobStatus;
  readonly priority: number;
  readonly progress: number;
  readonly stage: string | null;
  readonly attempt: number;
  readonly is_dead: boolean;
  readonly warnings: JobWarning[];
  readonly estimate_seconds: number | null;
  readonly estimate_bytes: number | null;
  readonly callback_url: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly error: Problem | null;
}

const columns = [
  "id",
  "project_id",
  "algorithm",
  "status",
  "priority",
  "progress",
  "stage",
  "attempt",
  "is_dead",
  "warnings",
  "estimate_seconds",
  "estimate_bytes",
  "callback_url",
  "created_at",
  "started_at",
  "finished_at",
  "error",
] as const satisfies readonly (keyof JobRow)[];

/** The columns of a `JobRow`. */
export const JOB_COLUMNS = columns.join(", ");

export function jobRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    algorithm: row.algorithm,
    status: row.status,
    priority: row.priority,
    progress: row.progress,
    stage: row.stage,
    attempt: row.attempt,
    isDead: row.is_dead,
    warnings: row.warnings,
    estimateSeconds: row.estimate_seconds,
    estimateBytes: row.estimate_bytes,
    callbackUrl: row.callback_url,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
  };
}
