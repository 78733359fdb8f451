import type { WebhookSecret } from "@tda-platform/contract/webhooks";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `webhook_secrets.list` */
export function listSecrets({ webhooks }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<{ items: readonly WebhookSecret[] }> => {
    requireNoQuery(request);
    reply.header("cache-control", "no-store");
    return { items: await webhooks.secrets.list(callerOf(request).projectId) };
  };
}
