import type { Version } from "@tda-platform/contract/service-schemas";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

/** `version.read` */
export function readVersion({ version, engine }: OperationContext) {
  return async (request: FastifyRequest): Promise<Version> => {
    requireNoQuery(request);
    return {
      version,
      api_version: "v1",
      engine: engine.kind,
      engine_version: engine.version,
      node_version: process.versions.node,
    };
  };
}
