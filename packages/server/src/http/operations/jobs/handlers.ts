import type { JOB_OPERATIONS } from "@tda-platform/contract/operations/jobs";
import type { HandlerOf } from "../context.ts";
import { cancelJob } from "./job-cancel.ts";
import { cancelJobs } from "./job-cancel-many.ts";
import { createJob } from "./job-create.ts";
import { createJobBatch } from "./job-create-batch.ts";
import { followJob } from "./job-events.ts";
import { listJobs } from "./job-list.ts";
import { readJob } from "./job-read.ts";
import { redriveJob } from "./job-redrive.ts";
import { readJobResult } from "./job-result.ts";

export const JOB_HANDLERS = {
  "job.create": createJob,
  "job.create_batch": createJobBatch,
  "job.list": listJobs,
  "job.cancel_many": cancelJobs,
  "job.read": readJob,
  "job.result": readJobResult,
  "job.events": followJob,
  "job.cancel": cancelJob,
  "job.redrive": redriveJob,
} as const satisfies Record<keyof typeof JOB_OPERATIONS, HandlerOf>;
