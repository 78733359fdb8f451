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
    if (received > limitBytes) {
      throw new ProblemError("body_too_large", `The body has more than ${limitBytes} bytes.`);
    }
    if (request.bodyReservation?.take(chunk.length) === false) {
      const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS };
      throw new ProblemError("overloaded", "Too many large requests are being worked on.", extras);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
