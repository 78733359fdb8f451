import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyRequest } from "fastify";
import type { RawJobRequest } from "../../../domain/input/job-request.ts";
import type { Submitter } from "../../../domain/jobs/job-submitter.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { contentEncoding } from "../../content-encoding.ts";
import { idempotentId } from "../../idempotency.ts";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import { traceparentOf } from "../../trace-context.ts";

const EMPTY = Buffer.alloc(0);

/** A submission as HTTP carries it. @throws ProblemError of status 415. */
export function rawJobRequest(request: FastifyRequest, bodyLimitBytes: number, isBatch: boolean): RawJobRequest {
  const mediaType = request.raw.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== MEDIA_TYPES.json) {
    throw new ProblemError("unsupported_media_type", `The body must be ${MEDIA_TYPES.json}.`);
  }
  const bytes = (request.body as Buffer | undefined) ?? EMPTY;
  return { bytes, encoding: contentEncoding(request.raw.headers["content-encoding"]), bodyLimitBytes, isBatch };
}

export function submitterOf(request: FastifyRequest): Submitter {
  return {
    caller: callerOf(request),
    requestId: request.id,
    traceparent: traceparentOf(request),
    jobId: (index) => idempotentId(request, "job", index),
  };
}

/** The job of the path, and the project of the caller, in which alone it is looked for. */
export function jobOf(request: FastifyRequest): { readonly projectId: string; readonly id: string } {
  return { projectId: callerOf(request).projectId, id: pathId(request, "job_id", "job") };
}
