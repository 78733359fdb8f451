import { type OperationId, operation } from "@tda-platform/contract/operations";
import type { FastifyInstance, RouteHandlerMethod } from "fastify";
import { computeCircularCoordinates } from "./operations/compute-circular-coordinates.ts";
import { computeEstimate } from "./operations/compute-estimate.ts";
import { computeVietorisRips } from "./operations/compute-vietoris-rips.ts";
import type { OperationContext } from "./operations/context.ts";
import { readDependencies } from "./operations/health-dependencies.ts";
import { readLiveness } from "./operations/health-live.ts";
import { readReadiness } from "./operations/health-ready.ts";
import { readLimits } from "./operations/limits-read.ts";
import { readMetrics } from "./operations/metrics-read.ts";
import { readOpenApi } from "./operations/openapi-read.ts";
import { readProblems } from "./operations/problems-read.ts";
import { readService } from "./operations/service-read.ts";
import { readVersion } from "./operations/version-read.ts";
import { servedOperations } from "./served-operations.ts";

const HANDLERS: Readonly<Record<OperationId, (context: OperationContext) => RouteHandlerMethod>> = {
  "compute.vietoris_rips": computeVietorisRips,
  "compute.circular_coordinates": computeCircularCoordinates,
  "compute.estimate": computeEstimate,
  "version.read": readVersion,
  "limits.read": readLimits,
  "health.live": readLiveness,
  "health.ready": readReadiness,
  "health.dependencies": readDependencies,
  "metrics.read": readMetrics,
  "openapi.read": readOpenApi,
  "problems.read": readProblems,
  "service.read": readService,
};

/** Registers every operation under its path and aliases. */
export function registerOperations(server: FastifyInstance, context: OperationContext): void {
  const { metricsRequireKey } = context.settings;
  for (const id of servedOperations(context.settings)) {
    const { method, path, aliases, permission } = operation(id);
    const handler = HANDLERS[id](context);
    const config = {
      permission: id === "metrics.read" && !metricsRequireKey ? null : permission,
      refusedInShutdown: method !== "GET",
    };
    for (const url of [path, ...aliases]) server.route({ method, url, config, handler });
  }
}
