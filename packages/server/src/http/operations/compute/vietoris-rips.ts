import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AcceptedJob, ComputeOutcome } from "../../../domain/compute/compute-service.ts";
import { callerOf } from "../../request-context.ts";
import { traceparentOf } from "../../trace-context.ts";
import type { OperationContext } from "../context.ts";
import { clientGone, hasIdempotencyKey, rawRipsRequest } from "./rips-request.ts";

const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:[,;]|$)/i;

/** `compute.vietoris_rips` */
export function computeVietorisRips({ settings, compute, sendReady }: OperationContext) {
  const present = (request: FastifyRequest, reply: FastifyReply, outcome: ComputeOutcome): FastifyReply => {
    if ("job" in outcome) return sendAccepted(reply, outcome);
    const { head, tail, cache } = outcome;
    const cacheStatus = cache === "hit" ? "tda; hit" : "tda; fwd=miss";
    return sendReady(request, reply, { contentType: MEDIA_TYPES.json, cacheStatus, head, tail });
  };
  return (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | undefined => {
    const preferences = request.raw.headers.prefer;
    const prefer = preferences === undefined ? "" : String(preferences);
    const answer = compute.compute({
      raw: rawRipsRequest(request, settings.bodyLimitBytes),
      caller: callerOf(request),
      requestId: request.id,
      traceparent: traceparentOf(request),
      prefer,
      isAsync: prefer !== "" && RESPOND_ASYNC.test(prefer),
      isReplayable: !hasIdempotencyKey(request),
      clientGone: () => clientGone(reply),
    });
    if (answer instanceof Promise) return answer.then((done) => present(request, reply, done));
    present(request, reply, answer);
    return undefined;
  };
}

function sendAccepted(reply: FastifyReply, { job, isPreferred }: AcceptedJob): FastifyReply {
  if (isPreferred) reply.header("preference-applied", "respond-async");
  return reply.code(202).header("location", `/v1/jobs/${job.job_id}`).send(job);
}
