import type { Job } from "@tda-platform/contract/jobs";
import type { JobRecord } from "./job.ts";

/** A job as clients see it. */
export function jobView(job: JobRecord): Job {
  const { estimateSeconds: seconds, estimateBytes: bytes } = job;
  return {
    job_id: job.id,
    algorithm: job.algorithm,
    status: job.status,
    priority: job.priority,
    progress: job.progress,
    stage: job.stage,
    attempt: job.attempt,
    dead: job.isDead,
    warnings: [...job.warnings],
    estimate: seconds === null ? null : { seconds, bytes },
    callback_url: job.callbackUrl,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
    error: job.error,
  };
}
