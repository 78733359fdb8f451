import { WEBHOOK_OVERLAP_SECONDS } from "@tda-platform/contract/limits";
import {
  WEBHOOK_ROTATE_QUERY_SCHEMA,
  type WebhookRotateQuery,
  type WebhookSecret,
} from "@tda-platform/contract/webhooks";
import type { FastifyReply, FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

const readQuery = queryReader<WebhookRotateQuery>(WEBHOOK_ROTATE_QUERY_SCHEMA);

/** `webhook_secrets.rotate` */
export function rotateSecret({ webhooks }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<WebhookSecret> => {
    const { overlap_seconds = WEBHOOK_OVERLAP_SECONDS } = readQuery(request);
    const secret = await webhooks.secrets.rotate(callerOf(request).projectId, overlap_seconds);
    reply.code(201).header("cache-control", "no-store");
    return secret;
  };
}
