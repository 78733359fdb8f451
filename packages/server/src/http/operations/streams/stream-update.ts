import type { Stream } from "@tda-platform/contract/streams";
import type { FastifyRequest } from "fastify";
import { readJson } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.update` */
export function updateStream({ streams }: OperationContext) {
  return async (request: FastifyRequest): Promise<Stream> => {
    requireNoQuery(request);
    const { projectId, id } = streamOf(request);
    return await streams.change(projectId, id, readJson(request));
  };
}
