import type { EstimateResult } from "@tda-platform/contract/compute-results";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { clientGone, hasIdempotencyKey, rawRipsRequest } from "./rips-request.ts";

/** `compute.estimate` */
export function computeEstimate(context: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<EstimateResult> => {
    hasIdempotencyKey(request);
    const raw = rawRipsRequest(request, context.settings.bodyLimitBytes);
    return await context.compute.estimate(raw, callerOf(request).projectId, clientGone(reply));
  };
}
