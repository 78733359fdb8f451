import type { Stream } from "@tda-platform/contract/streams";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.read` */
export function readStream({ streams }: OperationContext) {
  return async (request: FastifyRequest): Promise<Stream> => {
    requireNoQuery(request);
    const { projectId, id } = streamOf(request);
    return await streams.read(projectId, id);
  };
}
