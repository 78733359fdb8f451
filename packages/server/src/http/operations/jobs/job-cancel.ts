import type { Job } from "@tda-platform/contract/jobs";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoBody } from "../no-body.ts";
import { requireNoQuery } from "../no-query.ts";
import { jobOf } from "./job-request.ts";

/** `job.cancel` */
export function cancelJob({ jobs }: OperationContext) {
  return async (request: FastifyRequest): Promise<Job> => {
    requireNoQuery(request);
    requireNoBody(request);
    const { projectId, id } = jobOf(request);
    return await jobs.cancel(projectId, id);
  };
}
