import type { User } from "@tda-platform/contract/access-schemas";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `user.read` */
export function readUser({ identity }: OperationContext) {
  return async (request: FastifyRequest): Promise<User> => {
    requireNoQuery(request);
    const user = await identity.users.find(callerOf(request).projectId, pathId(request, "user_id", "usr"));
    if (user === null) throw new ProblemError("not_found", "There is no such user.");
    return user;
  };
}
