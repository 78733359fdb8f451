import type { FastifyReply, FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `dataset.delete` */
export function deleteDataset({ datasets }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    await datasets.datasets.delete(callerOf(request).projectId, pathId(request, "dataset_id", "ds"));
    return reply.code(204).send();
  };
}
