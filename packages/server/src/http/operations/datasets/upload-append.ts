import type { FastifyReply, FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { receiving } from "../../receiving.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { requireTusBody, tusHandler, tusHeaders, uploadChecksum, uploadOffset } from "./tus.ts";

/** `upload.append` */
export function appendUpload({ datasets: { uploads } }: OperationContext) {
  return tusHandler(async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    requireTusBody(request);
    const id = pathId(request, "upload_id", "upl");
    const offset = uploadOffset(request);
    const checksum = uploadChecksum(request);
    const { projectId } = callerOf(request);
    const upload = await receiving(request, (body) => uploads.append(projectId, id, offset, body, checksum));
    return reply.code(204).headers(tusHeaders(upload)).send();
  });
}
