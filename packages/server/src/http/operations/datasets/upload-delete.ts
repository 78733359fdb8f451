import type { FastifyReply, FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { tusHandler } from "./tus.ts";

/** `upload.delete` */
export function deleteUpload({ datasets: { uploads } }: OperationContext) {
  return tusHandler(async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    await uploads.delete(callerOf(request).projectId, pathId(request, "upload_id", "upl"));
    return reply.code(204).send();
  });
}
