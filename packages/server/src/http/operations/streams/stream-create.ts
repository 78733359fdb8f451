import type { FastifyReply, FastifyRequest } from "fastify";
import { idempotentId } from "../../idempotency.ts";
import { readJson } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `stream.create` */
export function createStream({ streams }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const body = readJson(request);
    const stream = await streams.create(callerOf(request).projectId, idempotentId(request, "str"), body);
    return reply.code(201).header("location", `/v1/streams/${stream.id}`).send(stream);
  };
}
