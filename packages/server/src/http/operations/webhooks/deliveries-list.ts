import type { Page } from "@tda-platform/contract/pages";
import { DELIVERY_LIST_QUERY_SCHEMA, type Delivery, type DeliveryListQuery } from "@tda-platform/contract/webhooks";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

const readQuery = queryReader<DeliveryListQuery>(DELIVERY_LIST_QUERY_SCHEMA);

/** `webhook_deliveries.list` */
export function listDeliveries({ webhooks }: OperationContext) {
  return async (request: FastifyRequest): Promise<Page<Delivery>> => {
    const query = readQuery(request);
    const { limit, before } = pageRequest(query);
    const slice = { limit: limit + 1, before };
    const found = await webhooks.deliveries.list(callerOf(request).projectId, slice, query);
    return page(found, { limit, before }, ({ id }) => id);
  };
}
