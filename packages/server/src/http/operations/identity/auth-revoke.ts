import { REVOKE_REQUEST_SCHEMA, type RevokeRequest } from "@tda-platform/contract/identity-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { loginContextOf } from "../../audit-observer.ts";
import { formReader } from "../../form-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `auth.revoke` */
export function revokeToken({ identity }: OperationContext) {
  const readBody = formReader<RevokeRequest>(REVOKE_REQUEST_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    requireNoQuery(request);
    await identity.service.revoke(readBody(request).token, loginContextOf(request));
    reply.code(204);
  };
}
