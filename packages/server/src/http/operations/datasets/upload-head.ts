import type { FastifyReply, FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { tusHandler, tusHeaders } from "./tus.ts";

/** `upload.head` */
export function headUpload({ datasets: { uploads } }: OperationContext) {
  return tusHandler(async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const upload = await uploads.find(callerOf(request).projectId, pathId(request, "upload_id", "upl"));
    reply.headers({ ...tusHeaders(upload), "upload-length": upload.length });
    if (upload.metadata !== "") reply.header("upload-metadata", upload.metadata);
    return reply.send();
  });
}
