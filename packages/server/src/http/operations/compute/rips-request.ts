import { INPUT_MEDIA_TYPES, type InputMediaType } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RawRipsRequest } from "../../../domain/input/rips-request.ts";
import { ProblemError } from "../../../domain/problem.ts";
import { contentEncoding } from "../../content-encoding.ts";
import { idempotencyKey } from "../../idempotency-key.ts";
import { rawQuery } from "../../request-context.ts";

const EMPTY = Buffer.alloc(0);

/** The input of a computation as HTTP carries it. @throws ProblemError of status 415. */
export function rawRipsRequest(request: FastifyRequest, bodyLimitBytes: number): RawRipsRequest {
  return {
    bytes: (request.body as Buffer | undefined) ?? EMPTY,
    mediaType: inputMediaType(request.raw.headers["content-type"]),
    encoding: contentEncoding(request.raw.headers["content-encoding"]),
    query: rawQuery(request),
    bodyLimitBytes,
  };
}

function inputMediaType(header: string | undefined): InputMediaType {
  const name = header?.split(";", 1)[0]?.trim().toLowerCase();
  const known = INPUT_MEDIA_TYPES.find((type) => type === name);
  if (known !== undefined) return known;
  throw new ProblemError("unsupported_media_type", `The body must be one of ${INPUT_MEDIA_TYPES.join(", ")}.`);
}

/** Whether the request has an idempotency key. @throws ProblemError when it has a wrong one. */
export function hasIdempotencyKey(request: FastifyRequest): boolean {
  return idempotencyKey(request) !== null;
}

/** Fires when the client goes away before it has its answer. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (reply.raw.destroyed) controller.abort();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
