import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerBody, answerHead } from "../../../domain/compute/result-body.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { jobOf } from "./job-request.ts";

/** `job.result` */
export function readJobResult({ jobs }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    requireNoQuery(request);
    const { projectId, id } = jobOf(request);
    const { computationId, parameters, algorithm, body } = await jobs.result(projectId, id);
    // Weak: the same result may go out compressed or not. A job has one result, and it never changes.
    const etag = `W/"${computationId}"`;
    reply.header("etag", etag);
    if (matches(request.raw.headers["if-none-match"], etag)) return reply.code(304).send();
    reply.header("content-type", MEDIA_TYPES.json);
    return reply.send(answerBody(answerHead(computationId, parameters, algorithm), body));
  };
}

/** By weak comparison (RFC 9110). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.trim() === "*" || header.split(",").some((tag) => opaque(tag) === opaque(etag));
}
