import { JOB_LIST_QUERY_SCHEMA, type Job, type JobListQuery } from "@tda-platform/contract/jobs";
import type { Page } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** `job.list` */
export function listJobs({ jobs }: OperationContext) {
  const readQuery = queryReader<JobListQuery>(JOB_LIST_QUERY_SCHEMA);
  return async (request: FastifyRequest): Promise<Page<Job>> => {
    const { status = null, algorithm = null, ...query } = readQuery(request);
    const asked = pageRequest(query);
    const found = await jobs.list(callerOf(request).projectId, { ...asked, status, algorithm });
    return page(found, asked, ({ job_id }) => job_id);
  };
}
