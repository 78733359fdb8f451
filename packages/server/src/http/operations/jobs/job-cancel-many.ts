import { JOB_CANCEL_REQUEST_SCHEMA, type JobCancelRequest, type JobCancelResult } from "@tda-platform/contract/jobs";
import type { FastifyRequest } from "fastify";
import { problemAt } from "../../../domain/problem.ts";
import { jsonReader } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `job.cancel_many` */
export function cancelJobs({ jobs }: OperationContext) {
  const readBody = jsonReader<JobCancelRequest>(JOB_CANCEL_REQUEST_SCHEMA);
  return async (request: FastifyRequest): Promise<JobCancelResult> => {
    requireNoQuery(request);
    const body = readBody(request);
    if (body.created_before !== undefined && Number.isNaN(Date.parse(body.created_before))) {
      throw problemAt("validation_failed", "/created_before", "This is no time.");
    }
    return await jobs.cancelMany(callerOf(request).projectId, body);
  };
}
