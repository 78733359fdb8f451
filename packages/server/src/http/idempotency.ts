import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { IdPrefix } from "@tda-platform/contract/identifiers";
import { IDEMPOTENCY_ANSWER_BYTES } from "@tda-platform/contract/limits";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IdempotencyAttempt, IdempotencyStore, KeptAnswer } from "../domain/limits/idempotency.ts";
import { ProblemError } from "../domain/problem.ts";
import { newId } from "../internal/ids.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import { callerOf } from "./request-context.ts";
import { DigestTap, drainedDigest, requestDigest } from "./request-digest.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the operation creates something, so that an `Idempotency-Key` makes repeated requests one. */
    creates?: boolean;
  }
  interface FastifyRequest {
    /** The attempt under the request's idempotency key; null: it has none. */
    idempotency: Attempt | null;
  }
}

interface Attempt {
  readonly known: IdempotencyAttempt;
  /** null: the body is being streamed, and the tap has it at its end. */
  readonly digest: Buffer | null;
  readonly tap: DigestTap | null;
  readonly stopRenewing: () => void;
}

const RENEW_MS = 10_000;
/** Of the answer's headers, those that belong to what was created; the others are each answer's own. */
const KEPT_HEADERS = [
  "content-type",
  "cache-control",
  "location",
  "etag",
  "upload-offset",
  "upload-length",
  "upload-expires",
  "tus-resumable",
];
/** A refusal that says "not now" would be wrong later: the key stays free. */
const NOT_KEPT = new Set([401, 403, 408, 409, 423, 425, 429]);

/**
 * Makes repeated requests one, for operations that create something. The key is looked up when the body is there (or, where
 * an operation reads its body as a stream, when it begins), and the answer is kept before it is sent, as the bytes that the
 * operation made. Call it before what compresses answers.
 */
export function registerIdempotency(server: FastifyInstance, store: IdempotencyStore): void {
  server.decorateRequest("idempotency", null);
  // No promise for the many requests that this does not concern.
  server.addHook("preHandler", (request, reply, done) => {
    if (request.routeOptions.config.creates !== true) return done();
    beginOrReplay(store, request, reply).then((isReplayed) => {
      if (!isReplayed) done();
    }, done);
  });
  server.addHook("onSend", (request, reply, payload, done) => {
    const attempt = request.idempotency;
    if (attempt === null) return done(null, payload);
    request.idempotency = null;
    attempt.stopRenewing();
    keepOrAbandon(store, attempt, request, reply, payload).then(
      () => done(null, payload),
      (error: Error) => done(error),
    );
  });
}

/** Whether the request is answered already. @throws ProblemError, DependencyUnavailable */
async function beginOrReplay(store: IdempotencyStore, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const { operation } = request.routeOptions.config;
  const key = idempotencyKey(request);
  if (key === null || operation === undefined) return false;
  const digest = requestDigest(request);
  const begun = await store.begin({ projectId: callerOf(request).projectId, operation, key }, digest);
  if (begun.state === "new") {
    const tap = digest === null ? DigestTap.before(request) : null;
    request.idempotency = { known: begun.attempt, digest, tap, stopRenewing: renewing(store, begun.attempt, reply) };
    return false;
  }
  if (begun.state === "in_progress" && (begun.digest === null || digest === null || digest.equals(begun.digest))) {
    const extras = { retryAfterSeconds: begun.retryAfterSeconds };
    throw new ProblemError("idempotency_in_progress", "A request with this key is in progress.", extras);
  }
  const own = digest ?? (await drainedDigest(request));
  if (begun.state === "in_progress" || !own.equals(begun.digest)) {
    throw new ProblemError("idempotency_key_reused", "This key was used for another request.");
  }
  replay(reply, begun.answer);
  return true;
}

async function keepOrAbandon(
  store: IdempotencyStore,
  { known, digest: before, tap }: Attempt,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<void> {
  const digest = before ?? tap?.digest ?? null;
  const body = bodyOf(payload);
  const isKept = reply.statusCode < 500 && !NOT_KEPT.has(reply.statusCode) && digest !== null && body !== null;
  if (isKept)
    await keep(request, store, known, digest, { status: reply.statusCode, headers: keptHeaders(reply), body });
  // It would expire by itself: that it can't be forgotten now is not this answer's failure.
  else await store.abandon(known).catch(() => undefined);
}

/**
 * The identifier of what a request creates. Under an idempotency key it is the same for every attempt, so that what an
 * attempt created whose answer was lost is found by `on conflict (id) do nothing`. `index` tells several of one request apart.
 */
export function idempotentId<P extends IdPrefix>(request: FastifyRequest, prefix: P, index = 0): `${P}_${string}` {
  const seed = request.idempotency?.known.seed;
  if (seed === undefined) return newId(prefix);
  return `${prefix}_${index === 0 ? seed : sibling(seed, index)}`;
}

/** Another UUIDv7 of the same time (RFC 9562), whose random bits follow from the first. */
function sibling(seed: string, index: number): string {
  const hex = createHash("sha256").update(`${seed} ${index}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hex[3]!, 16) & 3];
  return `${seed.slice(0, 14)}7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}

function renewing(store: IdempotencyStore, attempt: IdempotencyAttempt, reply: FastifyReply): () => void {
  // It left while the key was looked up: there is no event to come, and the key would be taken for as long as this process runs.
  if (reply.raw.destroyed) return () => undefined;
  const timer = setInterval(() => void store.renew(attempt).catch(() => undefined), RENEW_MS);
  const stop = (): void => clearInterval(timer);
  // A client that left may never be answered: the lease then ends by itself.
  reply.raw.once("close", stop);
  return stop;
}

/** What was created is there, and the client is told so also where its answer can't be kept: a repeated request then runs again. */
async function keep(
  request: FastifyRequest,
  store: IdempotencyStore,
  attempt: IdempotencyAttempt,
  digest: Buffer,
  answer: KeptAnswer,
): Promise<void> {
  try {
    await store.complete(attempt, digest, answer);
  } catch (error) {
    request.log.warn({ request_id: request.id, err: error }, "the answer to an idempotent request could not be kept");
  }
}

function replay(reply: FastifyReply, { status, headers, body }: KeptAnswer): void {
  reply.code(status).headers(headers).header("idempotency-replayed", "true").send(Buffer.from(body));
}

/** null: too large to keep, or a stream. */
function bodyOf(payload: unknown): Uint8Array | null {
  const body = payload == null ? Buffer.alloc(0) : typeof payload === "string" ? Buffer.from(payload) : payload;
  if (body instanceof Readable || !(body instanceof Uint8Array)) return null;
  return body.length > IDEMPOTENCY_ANSWER_BYTES ? null : body;
}

function keptHeaders(reply: FastifyReply): Record<string, string> {
  const found = KEPT_HEADERS.map((name) => [name, reply.getHeader(name)] as const);
  return Object.fromEntries(
    found.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]),
  );
}
