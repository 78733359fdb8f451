import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { rawJobRequest, submitterOf } from "./job-request.ts";

/** `job.create_batch` */
export function createJobBatch({ jobs, settings }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const raw = rawJobRequest(request, settings.bodyLimitBytes, true);
    return reply.code(202).send(await jobs.submitter.submitBatch(raw, submitterOf(request)));
  };
}
