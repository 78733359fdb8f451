import type { CircularResult } from "@tda-platform/contract/circular-coordinates";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { clientGone, hasIdempotencyKey, rawRipsRequest } from "./rips-request.ts";

/** `compute.circular_coordinates` */
export function computeCircularCoordinates(context: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<CircularResult> => {
    hasIdempotencyKey(request);
    const raw = rawRipsRequest(request, context.settings.bodyLimitBytes);
    if (raw.mediaType !== MEDIA_TYPES.json) {
      throw new ProblemError("unsupported_media_type", `The body must be ${MEDIA_TYPES.json}.`);
    }
    const call = { raw, caller: callerOf(request), requestId: request.id };
    const body = await context.compute.circularCoordinates(call, clientGone(reply));
    reply.header("cache-status", "tda; fwd=bypass");
    return body;
  };
}
