import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import { openApiDocument } from "@tda-platform/contract/openapi";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { OperationContext } from "../context.ts";

/** `openapi.read` */
export function readOpenApi({ settings, version }: OperationContext) {
  const document = JSON.stringify(
    openApiDocument({
      version,
      authentication: settings.featureEnableAuthentication,
      metrics: settings.featureEnableMetrics,
      metricsRequireKey: settings.metricsRequireKey,
      maxDimension: settings.maxDimension,
    }),
  );
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    reply.header("content-type", MEDIA_TYPES.json).send(document);
}
