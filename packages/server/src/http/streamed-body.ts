import type { Readable } from "node:stream";
import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";

/** A body that arrives, as bytes: within its limit, and that of all large bodies together. @throws ProblemError */
export async function streamedBody(request: FastifyRequest, content: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    received += chunk.length;
    const problem = bodyProblem(request, chunk.length, received, limitBytes);
    if (problem !== null) throw problem;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Why a body cannot be taken any further; null: it can. */
export function bodyProblem(
  request: FastifyRequest,
  chunkBytes: number,
  receivedBytes: number,
  limitBytes: number,
): ProblemError | null {
  if (receivedBytes > limitBytes) {
    return new ProblemError("body_too_large", `The body has more than ${limitBytes} bytes.`);
  }
  if (request.bodyReservation?.take(chunkBytes) !== false) return null;
  const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS };
  return new ProblemError("overloaded", "Too many large requests are being worked on.", extras);
}
