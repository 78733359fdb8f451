import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";

/** `metrics.read` */
export function readMetrics({ metrics }: OperationContext) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    reply.header("content-type", metrics.contentType).send(await metrics.text());
}
