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
import { WEBHOOK_HANDLERS } from "./operations/webhooks/handlers.ts";
import { servedOperations } from "./served-operations.ts";

const HANDLERS: Readonly<Record<OperationId, HandlerOf>> = {
  ...COMPUTE_HANDLERS,
  ...JOB_HANDLERS,
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
  for (const id of others!) registerOperation(server, id, context);
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

/** `/v1/jobs/{job_id}` as Fastify writes it. */
function routeUrl(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
