import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callerOf } from "../request-context.ts";
import { clientGone, hasIdempotencyKey, rawRipsRequest } from "./compute-request.ts";
import type { OperationContext } from "./context.ts";

const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:[,;]|$)/i;

/** `compute.vietoris_rips` */
export function computeVietorisRips(context: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const preferences = request.raw.headers.prefer;
    const prefer = preferences === undefined ? "" : String(preferences);
    const answer = await context.compute.compute({
      raw: rawRipsRequest(request, context.settings.bodyLimitBytes),
      caller: callerOf(request),
      requestId: request.id,
      prefer,
      isAsync: prefer !== "" && RESPOND_ASYNC.test(prefer),
      isReplayable: !hasIdempotencyKey(request),
      clientGone: () => clientGone(reply),
    });
    reply.header("cache-status", answer.cache === "hit" ? "tda; hit" : "tda; fwd=miss");
    return reply.header("content-type", MEDIA_TYPES.json).send(answer.body);
  };
}
