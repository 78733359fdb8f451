import type { FastifyReply, FastifyRequest } from "fastify";

/** An answer of status 200 whose bytes are ready, in two pieces. */
export interface ReadyAnswer {
  readonly contentType: string;
  readonly cacheStatus: string;
  /** ASCII. */
  readonly head: string;
  readonly tail: Uint8Array;
}

export type SendReady = (request: FastifyRequest, reply: FastifyReply, answer: ReadyAnswer) => FastifyReply;

const NONE: readonly string[] = [];

/**
 * Sends answers whose bytes are ready. Where nothing may change them on the way (compression, CORS) they go to the connection
 * as they are: the pieces uncopied, the headers as one prepared list. Fastify's reply, with its object of headers and hooks,
 * would take a small cached answer about as long as everything else of it. Other requests get the same by Fastify's reply.
 */
export function readySender(
  headers: Readonly<Record<string, string>>,
  rateLimitPolicy: string | null,
  isShuttingDown: () => boolean,
): SendReady {
  const prepared = Object.entries(headers).flat();
  if (rateLimitPolicy !== null) prepared.push("ratelimit-policy", rateLimitPolicy);
  return (request, reply, answer) => {
    const { head, tail, contentType, cacheStatus } = answer;
    const asked = request.raw.headers;
    if (asked["accept-encoding"] !== undefined || asked.origin !== undefined || isShuttingDown()) {
      reply.header("content-type", contentType).header("cache-status", cacheStatus);
      return reply.send(Buffer.concat([Buffer.from(head, "latin1"), tail]));
    }
    const { raw } = reply.hijack();
    raw.writeHead(200, [
      ...prepared,
      ...(request.rateLimit === null ? NONE : ["ratelimit", request.rateLimit]),
      "x-request-id",
      request.id,
      "content-type",
      contentType,
      "cache-status",
      cacheStatus,
      "content-length",
      String(head.length + tail.length),
    ]);
    raw.write(head, "latin1");
    raw.end(tail);
    return reply;
  };
}
