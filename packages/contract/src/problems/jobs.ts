import type { ProblemDefinition } from "./definition.ts";

/** Of jobs: what they fail with beside the problems of computations, and what reading them can meet. */
export const JOB_PROBLEMS = {
  job_not_finished: {
    status: 409,
    title: "Job not finished",
    retryable: true,
    meaning: "The job has no result yet.",
    remedy: "Ask again when the job's `status` is final, or follow its events.",
  },
  job_failed: {
    status: 409,
    title: "Job failed",
    retryable: false,
    meaning: "The job failed and so has no result; `job_error` is why.",
    remedy: "Mend what `job_error` says and submit another job, or redrive it.",
  },
  job_cancelled: {
    status: 409,
    title: "Job cancelled",
    retryable: false,
    meaning: "The job was cancelled and so has no result.",
    remedy: "Submit another job, or redrive it.",
  },
  job_result_expired: {
    status: 410,
    title: "Result deleted",
    retryable: false,
    meaning: "The job's result was deleted when its time was over (`TDA_JOB_RESULT_RETENTION_DAYS`).",
    remedy: "Submit the job again.",
  },
  job_not_redrivable: {
    status: 409,
    title: "Job can't be redriven",
    retryable: false,
    meaning: "Only failed and cancelled jobs whose input is still there can be redriven.",
    remedy: "Submit another job.",
  },
  job_limit_exceeded: {
    status: 422,
    title: "Job is estimated to be too costly",
    retryable: false,
    meaning:
      "The operator has set a limit on the cost of jobs, and the estimate is above it; `estimate` has the figures.",
    remedy: "Give a threshold, fewer points or fewer dimensions, or ask for an `approximation`.",
  },
  job_deadline_exceeded: {
    status: 504,
    title: "Deadline passed",
    retryable: false,
    meaning: "The job had not finished at its deadline.",
    remedy: "Give it a later deadline or a higher priority.",
  },
  job_cpu_limit_exceeded: {
    status: 422,
    title: "Processor time used up",
    retryable: false,
    meaning: "An attempt of the job used the processor time of its `cpu_limit_seconds`.",
    remedy: "Give it more, or a threshold, fewer points or fewer dimensions.",
  },
  job_lease_lost: {
    status: 503,
    title: "Worker lost",
    retryable: true,
    meaning: "The worker that ran the job did not report in time: it died, or lost the database.",
    remedy: "The job is tried again; a dead one can be redriven.",
  },
  invalid_callback_url: {
    status: 422,
    title: "Callback URL not accepted",
    retryable: false,
    meaning: "`callback_url` is no http or https URL, or carries credentials or a fragment.",
    remedy: "Give an absolute URL such as `https://example.org/hooks/tda`.",
  },
} as const satisfies Record<string, ProblemDefinition>;
