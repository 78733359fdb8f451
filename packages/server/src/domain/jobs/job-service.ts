import { isFinal, type Job, type JobCancelRequest, type JobCancelResult } from "@tda-platform/contract/jobs";
import { JOB_CANCEL_LIMIT } from "@tda-platform/contract/limits";
import { ProblemError } from "../problem.ts";
import type { JobRecord, JobResult } from "./job.ts";
import type { JobFeed } from "./job-feed.ts";
import type { JobQuery, JobStore } from "./job-store.ts";
import type { JobSubmitter } from "./job-submitter.ts";
import { jobView } from "./job-view.ts";

/** What the API does with jobs. */
export class JobService {
  readonly submitter: JobSubmitter;
  readonly feed: JobFeed;
  readonly #jobs: JobStore;

  constructor(jobs: JobStore, submitter: JobSubmitter, feed: JobFeed) {
    this.#jobs = jobs;
    this.submitter = submitter;
    this.feed = feed;
  }

  /** @throws ProblemError `not_found`. */
  async read(projectId: string, id: string): Promise<Job> {
    return jobView(await this.#find(projectId, id));
  }

  async list(projectId: string, query: JobQuery): Promise<readonly Job[]> {
    return (await this.#jobs.list(projectId, query)).map(jobView);
  }

  /** @throws ProblemError `not_found`, or why there is no result. */
  async result(projectId: string, id: string): Promise<JobResult> {
    const result = await this.#jobs.result(projectId, id);
    if (result !== null) return result;
    const job = await this.#find(projectId, id);
    switch (job.status) {
      case "succeeded":
        throw new ProblemError("job_result_expired", "The result of this job has been deleted.");
      case "failed":
        throw new ProblemError("job_failed", job.error?.detail ?? "The job failed.", {
          members: { job_error: job.error },
        });
      case "cancelled":
        throw new ProblemError("job_cancelled", "The job was cancelled.");
      default:
        throw new ProblemError("job_not_finished", `The job is ${job.status}.`, {
          members: { status_of_job: job.status, progress: job.progress },
        });
    }
  }

  /** Idempotent: a finished job comes back as it is. @throws ProblemError `not_found`. */
  async cancel(projectId: string, id: string): Promise<Job> {
    const job = await this.#jobs.cancel(projectId, id);
    if (job === null) throw notFound();
    return jobView(job);
  }

  async cancelMany(projectId: string, request: JobCancelRequest): Promise<JobCancelResult> {
    const filter = {
      status: request.status ?? null,
      algorithm: request.algorithm ?? null,
      createdBefore: request.created_before === undefined ? null : new Date(request.created_before),
      ids: request.job_ids ?? null,
    };
    const cancelled = await this.#jobs.cancelMany(projectId, filter, JOB_CANCEL_LIMIT);
    return { cancelled, more: cancelled === JOB_CANCEL_LIMIT };
  }

  /** @throws ProblemError `not_found` or `job_not_redrivable`. */
  async redrive(projectId: string, id: string): Promise<Job> {
    const job = await this.#jobs.redrive(projectId, id);
    if (job !== null) return jobView(job);
    const found = await this.#find(projectId, id);
    const why = isFinal(found.status) && found.status !== "succeeded" ? "has no input any more" : `is ${found.status}`;
    throw new ProblemError("job_not_redrivable", `The job ${why}.`);
  }

  async #find(projectId: string, id: string): Promise<JobRecord> {
    const job = await this.#jobs.find(projectId, id);
    if (job === null) throw notFound();
    return job;
  }
}

function notFound(): ProblemError {
  return new ProblemError("not_found", "There is no such job.");
}
