import type { Stream, StreamStatus } from "@tda-platform/contract/streams";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoBody } from "../no-body.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.pause` */
export function pauseStream(context: OperationContext) {
  return setStatus(context, "paused");
}

/** `stream.resume` */
export function resumeStream(context: OperationContext) {
  return setStatus(context, "active");
}

function setStatus({ streams }: OperationContext, status: StreamStatus) {
  return async (request: FastifyRequest): Promise<Stream> => {
    requireNoQuery(request);
    requireNoBody(request);
    const { projectId, id } = streamOf(request);
    return await streams.setStatus(projectId, id, status);
  };
}
