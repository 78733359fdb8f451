import { STREAM_SOCKET_LIMIT } from "@tda-platform/contract/limits";
import { STREAM_LIVE_QUERY_SCHEMA } from "@tda-platform/contract/streams";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { ProblemError } from "../../../domain/problem.ts";
import { queryReader } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import { StreamSocket } from "../../stream-socket.ts";
import { traceparentOf } from "../../trace-context.ts";
import type { OperationContext } from "../context.ts";
import { streamOf } from "./stream-request.ts";

/** `stream.socket`, asked for without an upgrade. */
export function refuseNoSocket({ streams }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    const { projectId, id } = streamOf(request);
    await streams.read(projectId, id);
    reply.header("upgrade", "websocket");
    throw new ProblemError("upgrade_required", "This path is for WebSockets.");
  };
}

/** Before the upgrade, so that what is refused is answered by HTTP; and what is done with the socket. */
export function streamSockets({ streams, limits }: OperationContext) {
  const readQuery = queryReader<{ ticket?: string }>(STREAM_LIVE_QUERY_SCHEMA);
  let open = 0;
  return {
    admit: async (request: FastifyRequest): Promise<void> => {
      readQuery(request);
      const { projectId, id } = streamOf(request);
      await streams.read(projectId, id);
      if (open >= STREAM_SOCKET_LIMIT)
        throw new ProblemError("overloaded", "As many WebSockets are open as the server admits.");
    },
    serve: (socket: WebSocket, request: FastifyRequest): void => {
      open++;
      socket.once("close", () => open--);
      const principal = callerOf(request);
      new StreamSocket({
        socket,
        streams,
        principal,
        streamId: streamOf(request).id,
        requestId: request.id,
        traceparent: traceparentOf(request),
        admit: () => limits.rates.admit(request, principal),
      });
    },
  };
}
