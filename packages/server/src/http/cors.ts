import type { FastifyReply, FastifyRequest } from "fastify";

const ALLOWED_HEADERS =
  "Authorization, Content-Type, Content-Encoding, X-API-Key, X-Project-Id, X-Request-Id, Prefer, Idempotency-Key, traceparent, Range, If-Range, If-None-Match, Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum";
const EXPOSED_HEADERS =
  "X-Request-Id, Cache-Status, Retry-After, Location, Allow, RateLimit, RateLimit-Policy, Idempotency-Replayed, ETag, Content-Range, Content-Disposition, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires, Upload-Dataset-Id";

/** Of every answer where origins are configured, also to requests without one. */
export const CORS_VARIES = { vary: "Origin" } as const;

/**
 * Lets pages of the configured origins read answers. Without origins there is no CORS at all; credentials are never
 * allowed, since keys travel in a header and not in cookies. True: it was a preflight and is answered.
 */
export function applyCors(origins: ReadonlySet<string>, request: FastifyRequest, reply: FastifyReply): boolean {
  if (origins.size === 0) return false;
  reply.headers(CORS_VARIES);
  const { origin } = request.raw.headers;
  if (origin === undefined || !origins.has(origin)) return false;
  reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", EXPOSED_HEADERS);
  const isPreflight =
    request.method === "OPTIONS" && request.raw.headers["access-control-request-method"] !== undefined;
  if (!isPreflight) return false;
  reply
    .header("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
    .header("access-control-allow-headers", ALLOWED_HEADERS)
    .header("access-control-max-age", "600")
    .code(204)
    .send();
  return true;
}
