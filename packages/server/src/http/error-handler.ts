import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { Abandoned } from "../domain/compute/single-flight.ts";
import { DependencyUnavailable } from "../domain/errors.ts";
import { ProblemError } from "../domain/problem.ts";
import { sendProblem } from "./problem-document.ts";

/** What of Fastify's own errors is the client's to mend. Everything that is not named here and is no 4xx is a defect. */
const FASTIFY_PROBLEMS: Readonly<Record<string, () => ProblemError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ProblemError("unsupported_media_type", "The body has no media type that this operation reads."),
  FST_ERR_CTP_BODY_TOO_LARGE: () => new ProblemError("body_too_large", "The body is larger than the limit."),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new ProblemError("bad_request", "The body is not as long as it says."),
  FST_ERR_BAD_URL: () => new ProblemError("bad_request", "The path is not validly encoded."),
};

const STORES: Readonly<Partial<Record<DependencyUnavailable["dependency"], string>>> = {
  blobs: "store of datasets",
  log: "event log",
};

/** Turns whatever was thrown into a problem; only problems reach clients. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof DependencyUnavailable) {
    const extras = { retryAfterSeconds: error.retryAfterSeconds, cause: error };
    if (error.dependency === "engine") {
      return new ProblemError("engine_unavailable", "The engine can't be reached.", extras);
    }
    const what = STORES[error.dependency] ?? "database";
    return new ProblemError("storage_unavailable", `The ${what} can't be reached.`, extras);
  }
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = code === undefined ? undefined : FASTIFY_PROBLEMS[code];
  if (known !== undefined) return known();
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ProblemError("bad_request", "The request is malformed.", { cause: error });
  }
  return new ProblemError("internal_error", "An unexpected error. The operator finds it in the log by request_id.", {
    cause: error,
  });
}

/** Whether there is nobody to answer: the client left while the request was read or worked on. */
export function isClientGone(error: unknown, request: FastifyRequest, reply: FastifyReply): boolean {
  return error instanceof Abandoned || (request.raw.destroyed && reply.raw.destroyed);
}

/** Answers a request that failed. A client that has gone gets no answer. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isClientGone(error, request, reply)) return reply.hijack();
  const problem = toProblem(error);
  if (problem.status >= 500) {
    const fields = { request_id: request.id, code: problem.code, err: problem.cause ?? problem };
    if (problem.status === 503) request.log.warn(fields, "request failed");
    else request.log.error(fields, "request failed");
  }
  if (problem.status === 503 && problem.retryAfterSeconds === null) reply.header("retry-after", RETRY_AFTER_SECONDS);
  return sendProblem(request, reply, problem);
}
