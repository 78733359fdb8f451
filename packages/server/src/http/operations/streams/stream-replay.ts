import { STREAM_REPLAY_REQUEST_SCHEMA, type StreamReplayRequest } from "@tda-platform/contract/streams";
import type { FastifyReply, FastifyRequest } from "fastify";
import { problemAt } from "../../../domain/problem.ts";
import { jsonReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.replay` */
export function replayStream({ streams }: OperationContext) {
  const readBody = jsonReader<StreamReplayRequest>(STREAM_REPLAY_REQUEST_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const { projectId, id } = streamOf(request);
    await streams.read(projectId, id);
    const fromMs = Date.parse(readBody(request).from);
    if (Number.isNaN(fromMs)) throw problemAt("validation_failed", "/from", "This is no time.");
    return reply.code(202).send(await streams.replay(projectId, id, fromMs));
  };
}
