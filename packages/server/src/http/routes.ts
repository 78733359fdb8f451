import { type OperationId, operation } from "@tda-platform/contract/operations";
import type { FastifyInstance } from "fastify";
import { ACCESS_HANDLERS } from "./operations/access/handlers.ts";
import { AUDIT_HANDLERS } from "./operations/audit/handlers.ts";
import { COMPUTE_HANDLERS } from "./operations/compute/handlers.ts";
import type { HandlerOf, OperationContext } from "./operations/context.ts";
import { IDENTITY_HANDLERS } from "./operations/identity/handlers.ts";
import { JOB_HANDLERS } from "./operations/jobs/handlers.ts";
import { SERVICE_HANDLERS } from "./operations/service/handlers.ts";
import { servedOperations } from "./served-operations.ts";

const HANDLERS: Readonly<Record<OperationId, HandlerOf>> = {
  ...COMPUTE_HANDLERS,
  ...JOB_HANDLERS,
  ...IDENTITY_HANDLERS,
  ...ACCESS_HANDLERS,
  ...AUDIT_HANDLERS,
  ...SERVICE_HANDLERS,
};

/** Registers every operation under its path and aliases. */
export function registerOperations(server: FastifyInstance, context: OperationContext): void {
  const { metricsRequireKey } = context.settings;
  for (const id of servedOperations(context.settings)) {
    const { method, path, aliases, permission, request } = operation(id);
    const handler = HANDLERS[id](context);
    const config = {
      operation: id,
      permission: id === "metrics.read" && !metricsRequireKey ? null : permission,
      acceptsTicket: request?.query.properties !== undefined && "ticket" in (request.query.properties as object),
      refusedInShutdown: method !== "GET" && method !== "HEAD",
    };
    for (const one of [path, ...aliases]) server.route({ method, url: routeUrl(one), config, handler });
  }
}

/** `/v1/jobs/{job_id}` as Fastify writes it. */
function routeUrl(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
