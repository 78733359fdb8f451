import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { pathId } from "../../path-parameter.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `key.revoke` */
export function revokeKey({ identity }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    requireNoQuery(request);
    const isRevoked = await identity.keys.revoke(actorOf(request), pathId(request, "key_id", "key"));
    if (!isRevoked) throw new ProblemError("not_found", "There is no such key.");
    reply.code(204);
  };
}
