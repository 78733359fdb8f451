import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { pathId } from "../../path-parameter.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `user.remove` */
export function removeUser({ identity }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    requireNoQuery(request);
    const isRemoved = await identity.users.remove(actorOf(request), pathId(request, "user_id", "usr"));
    if (!isRemoved) throw new ProblemError("not_found", "There is no such user.");
    reply.code(204);
  };
}
