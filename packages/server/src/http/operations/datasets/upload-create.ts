import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { receiving } from "../../receiving.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { hasTusBody, tusHandler, tusHeaders, uploadChecksum } from "./tus.ts";
import { describeUpload } from "./upload-metadata.ts";

/** `upload.create` */
export function createUpload({ datasets: { uploads } }: OperationContext) {
  return tusHandler(async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    if (request.raw.headers["upload-concat"] !== undefined) {
      throw new ProblemError("not_supported", "Uploads made of uploads are not supported.");
    }
    const checksum = uploadChecksum(request);
    const caller = callerOf(request);
    const created = await uploads.create(caller, describeUpload(request));
    reply.code(201).header("location", `/v1/uploads/${created.id}`);
    if (!hasTusBody(request)) {
      const upload = created.state === "processing" ? await uploads.finish(caller.projectId, created.id) : created;
      return reply.headers(tusHeaders(upload)).send();
    }
    const upload = await receiving(request, (body) => uploads.append(caller.projectId, created.id, 0, body, checksum));
    return reply.headers(tusHeaders(upload)).send();
  });
}
