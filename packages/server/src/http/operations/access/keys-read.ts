import type { Key } from "@tda-platform/contract/access-schemas";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `key.read` */
export function readKey({ identity }: OperationContext) {
  return async (request: FastifyRequest): Promise<Key> => {
    requireNoQuery(request);
    const key = await identity.keys.find(callerOf(request).projectId, pathId(request, "key_id", "key"));
    if (key === null) throw new ProblemError("not_found", "There is no such key.");
    return key;
  };
}
