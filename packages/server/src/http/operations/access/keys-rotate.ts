import type { CreatedKey } from "@tda-platform/contract/access-schemas";
import { ROTATE_QUERY_SCHEMA } from "@tda-platform/contract/operations/access";
import type { Role } from "@tda-platform/contract/permissions";
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuseEscalation } from "../../../domain/identity/granted.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { queryReader } from "../../json-request.ts";
import { pathId } from "../../path-parameter.ts";
import type { OperationContext } from "../context.ts";
import { sendCreatedKey } from "./created-key.ts";

/** `key.rotate` */
export function rotateKey({ identity }: OperationContext) {
  const readQuery = queryReader<{ overlap_seconds?: number }>(ROTATE_QUERY_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<CreatedKey> => {
    const { overlap_seconds = 0 } = readQuery(request);
    const actor = actorOf(request);
    const keyId = pathId(request, "key_id", "key");
    const old = await identity.keys.find(actor.principal.projectId, keyId);
    // The new secret is the caller's to use: it may allow no more than the caller has.
    if (old !== null) refuseEscalation(actor.principal, old.role as Role, old.scopes);
    const made = old === null ? null : await identity.keys.rotate(actor, keyId, overlap_seconds);
    if (made === null) throw new ProblemError("not_found", "There is no such key.");
    return sendCreatedKey(reply, made);
  };
}
