import type { Job } from "@tda-platform/contract/jobs";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { jobOf } from "./job-request.ts";

/** `job.read` */
export function readJob({ jobs }: OperationContext) {
  return async (request: FastifyRequest): Promise<Job> => {
    requireNoQuery(request);
    const { projectId, id } = jobOf(request);
    return await jobs.read(projectId, id);
  };
}
