import { type CreatedKey, NEW_KEY_SCHEMA, type NewKey } from "@tda-platform/contract/access-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuseEscalation } from "../../../domain/identity/granted.ts";
import { problemAt } from "../../../domain/problem.ts";
import { actorOf } from "../../audit-observer.ts";
import { jsonReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { sendCreatedKey } from "./created-key.ts";

/** `key.create` */
export function createKey({ identity }: OperationContext) {
  const readBody = jsonReader<NewKey>(NEW_KEY_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<CreatedKey> => {
    requireNoQuery(request);
    const { name, role, scopes = null, expires_at = null } = readBody(request);
    const actor = actorOf(request);
    refuseEscalation(actor.principal, role, scopes);
    const expiresAt = expires_at === null ? null : futureTime(expires_at);
    return sendCreatedKey(reply, await identity.keys.create(actor, { name, role, scopes, expiresAt }));
  };
}

function futureTime(text: string): Date {
  const time = new Date(text);
  if (!(time.getTime() > Date.now())) throw problemAt("validation_failed", "/expires_at", "Must be in the future.");
  return time;
}
