import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.delete` */
export function deleteStream({ streams }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const { projectId, id } = streamOf(request);
    await streams.remove(projectId, id);
    return reply.code(204).send();
  };
}
