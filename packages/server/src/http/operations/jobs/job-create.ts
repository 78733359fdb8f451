import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { rawJobRequest, submitterOf } from "./job-request.ts";

/** `job.create` */
export function createJob({ jobs, settings }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const raw = rawJobRequest(request, settings.bodyLimitBytes, false);
    const job = await jobs.submitter.submit(raw, submitterOf(request));
    return reply.code(202).header("location", `/v1/jobs/${job.job_id}`).send(job);
  };
}
