import type { FastifyReply, FastifyRequest } from "fastify";
import { traceparentOf } from "../../trace-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoBody } from "../no-body.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.flush` */
export function flushStream({ streams }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    requireNoBody(request);
    const { projectId, id } = streamOf(request);
    return reply.code(202).send(await streams.flush(projectId, id, traceparentOf(request)));
  };
}
