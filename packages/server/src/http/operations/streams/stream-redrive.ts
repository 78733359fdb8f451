import { STREAM_REDRIVE_REQUEST_SCHEMA, type StreamRedriveRequest } from "@tda-platform/contract/streams";
import type { FastifyReply, FastifyRequest } from "fastify";
import { jsonReader } from "../../json-request.ts";
import { traceparentOf } from "../../trace-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.redrive` */
export function redriveRejected({ streams }: OperationContext) {
  const readBody = jsonReader<StreamRedriveRequest>(STREAM_REDRIVE_REQUEST_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const { projectId, id } = streamOf(request);
    await streams.read(projectId, id);
    const body = readBody(request);
    return reply.code(202).send(await streams.redrive(projectId, id, body, traceparentOf(request)));
  };
}
