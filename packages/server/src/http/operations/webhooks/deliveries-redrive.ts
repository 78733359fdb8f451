import { ID_PREFIXES } from "@tda-platform/contract/identifiers";
import type { Delivery } from "@tda-platform/contract/webhooks";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `webhook_deliveries.redrive` */
export function redriveDelivery({ webhooks }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Delivery> => {
    requireNoQuery(request);
    const id = pathId(request, "delivery_id", ID_PREFIXES.delivery);
    const delivery = await webhooks.deliveries.redrive(callerOf(request).projectId, id);
    if (delivery === null) throw new ProblemError("not_found", "There is no such delivery.");
    reply.code(202);
    return delivery;
  };
}
