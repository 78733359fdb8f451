import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import { PROBLEMS, type Problem, problemType } from "@tda-platform/contract/problems";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ProblemError } from "../domain/problem.ts";
import { rawPath } from "./request-context.ts";

/** The document of a problem (RFC 9457). */
export function problemDocument(problem: ProblemError, instance: string, requestId: string): Problem {
  const { title, status } = PROBLEMS[problem.code];
  return {
    type: problemType(problem.code),
    title,
    status,
    detail: problem.message,
    instance,
    code: problem.code,
    request_id: requestId,
    ...(problem.places.length === 0 ? {} : { errors: [...problem.places] }),
    ...problem.members,
  };
}

/** Answers with a problem. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemError): FastifyReply {
  const document = problemDocument(problem, rawPath(request.raw.url), request.id);
  if (problem.retryAfterSeconds !== null) reply.header("retry-after", Math.ceil(problem.retryAfterSeconds));
  reply.header("x-request-id", request.id);
  return reply
    .code(document.status)
    .header("content-type", MEDIA_TYPES.problem)
    .send(Buffer.from(JSON.stringify(document)));
}
