import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import websocket from "@fastify/websocket";
import { STREAM_SOCKET_MESSAGE_BYTES } from "@tda-platform/contract/limits";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import { type OperationId, operation } from "@tda-platform/contract/operations";
import type { FastifyInstance } from "fastify";
import { ACCESS_HANDLERS } from "./operations/access/handlers.ts";
import { AUDIT_HANDLERS } from "./operations/audit/handlers.ts";
import { COMPUTE_HANDLERS } from "./operations/compute/handlers.ts";
import type { HandlerOf, OperationContext } from "./operations/context.ts";
import { DATASETS_HANDLERS } from "./operations/datasets/handlers.ts";
import { ERASURE_HANDLERS } from "./operations/erasures/handlers.ts";
import { IDENTITY_HANDLERS } from "./operations/identity/handlers.ts";
import { JOB_HANDLERS } from "./operations/jobs/handlers.ts";
import { SERVICE_HANDLERS } from "./operations/service/handlers.ts";
import { STREAM_HANDLERS } from "./operations/streams/handlers.ts";
import { streamSockets } from "./operations/streams/stream-socket.ts";
import { WEBHOOK_HANDLERS } from "./operations/webhooks/handlers.ts";
import { servedOperations } from "./served-operations.ts";

const HANDLERS: Readonly<Record<OperationId, HandlerOf>> = {
  ...COMPUTE_HANDLERS,
  ...JOB_HANDLERS,
  ...STREAM_HANDLERS,
  ...IDENTITY_HANDLERS,
  ...ACCESS_HANDLERS,
  ...AUDIT_HANDLERS,
  ...DATASETS_HANDLERS,
  ...WEBHOOK_HANDLERS,
  ...ERASURE_HANDLERS,
  ...SERVICE_HANDLERS,
};

/** Registers every operation under its path and aliases. */
export function registerOperations(server: FastifyInstance, context: OperationContext): void {
  const served = servedOperations(context.settings);
  const [streamed, others] = [true, false].map((is) =>
    served.filter((id) => (operation(id).isStreamed ?? false) === is),
  );
  for (const id of others!) if (id !== "stream.socket") registerOperation(server, id, context);
  if (served.includes("stream.socket")) registerSockets(server, context);
  // In a context of their own, whose bodies are not read: the handlers get them as they arrive.
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const id of streamed!) registerOperation(scope, id, context);
  });
}

function registerOperation(server: FastifyInstance, id: OperationId, context: OperationContext): void {
  const { method, path, aliases, permission, request, response, needsRoom = false, creates = false } = operation(id);
  const handler = HANDLERS[id](context);
  const config = {
    operation: id,
    creates,
    permission: id === "metrics.read" && !context.settings.metricsRequireKey ? null : permission,
    acceptsTicket: request?.query.properties !== undefined && "ticket" in (request.query.properties as object),
    refusedInShutdown: method !== "GET" && method !== "HEAD",
    needsRoom,
  };
  // A range is one of the bytes as they are.
  const options = MEDIA_TYPES.bytes in response.bodies ? ({ compress: false } as const) : {};
  for (const one of [path, ...aliases]) server.route({ method, url: routeUrl(one), config, handler, ...options });
}

/** In a context of its own, whose hooks no other request runs through. What asks for an upgrade elsewhere is not upgraded (`upgrades`). */
function registerSockets(server: FastifyInstance, context: OperationContext): void {
  const sockets = streamSockets(context);
  const { path, permission } = operation("stream.socket");
  // What is refused before the upgrade has nobody else who ends its connection.
  const upgrading = new WeakMap<IncomingMessage, Socket>();
  server.server.on("upgrade", (request: IncomingMessage, socket: Socket) => upgrading.set(request, socket));
  server.register(async (scope) => {
    scope.addHook("onResponse", (request, _reply, done) => {
      upgrading.get(request.raw)?.destroySoon();
      done();
    });
    await scope.register(websocket, {
      options: { maxPayload: STREAM_SOCKET_MESSAGE_BYTES, perMessageDeflate: false },
      errorHandler: (_error, socket) => socket.terminate(),
    });
    scope.route({
      method: "GET",
      url: routeUrl(path),
      config: { operation: "stream.socket", permission, acceptsTicket: true },
      preHandler: async (request) => {
        if (request.ws) await sockets.admit(request);
      },
      handler: HANDLERS["stream.socket"](context),
      wsHandler: sockets.serve,
    });
  });
}

const SOCKET_PATH = /^\/v1\/streams\/[^/?]+\/ws(?:\?|$)/;

/** Whether a request is taken out of HTTP, as it asks. Others are answered as if they had not asked. */
export function upgrades({ url = "", headers }: Pick<IncomingMessage, "url" | "headers">): boolean {
  return headers.upgrade?.toLowerCase() === "websocket" && SOCKET_PATH.test(url);
}

/** `/v1/jobs/{job_id}` as Fastify writes it. */
function routeUrl(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
