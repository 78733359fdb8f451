import type { Permission } from "@tda-platform/contract/permissions";
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import type { DiskSpace } from "../domain/datasets/disk-space.ts";
import { noProject } from "../domain/identity/token-service.ts";
import type { Principal } from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";
import { authenticate, authenticateTicket, type Credentials } from "./authentication.ts";
import { refuseForeignRequest } from "./loopback-guard.ts";
import type { RateLimits } from "./rate-limits.ts";
import { rawPath, rawQuery } from "./request-context.ts";

export interface AccessOptions {
  /** null: authentication is off, and whoever reaches the loopback port is `localPrincipal`. */
  readonly credentials: Credentials | null;
  readonly localPrincipal: Principal;
  readonly rateLimits: RateLimits;
  readonly refusesWork: () => boolean;
  readonly disk: Pick<DiskSpace, "require">;
}

type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

/** The hook that decides whether a request may go on. It runs before any of the body is read. */
export function accessHook(options: AccessOptions): OnRequest {
  return (request, reply, done) => {
    try {
      // A promise only where a key has to be looked up.
      const pending = decide(options, request, reply);
      if (pending === undefined) done();
      else
        pending.then(
          () => done(),
          (error: Error) => done(withChallenge(error, reply)),
        );
    } catch (error) {
      done(withChallenge(error as Error, reply));
    }
  };
}

function decide(options: AccessOptions, request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
  const { headers } = request.raw;
  const {
    operation = null,
    permission = null,
    refusedInShutdown,
    acceptsTicket,
    needsRoom,
  } = request.routeOptions.config;
  request.operationId = operation;
  if (headers.host === undefined && request.raw.httpVersion === "1.1") {
    throw new ProblemError("bad_request", "The request has no Host.");
  }
  if (options.credentials === null) refuseForeignRequest(headers);
  if (refusedInShutdown === true && options.refusesWork()) {
    reply.header("connection", "close");
    throw new ProblemError("shutting_down", "The server is stopping and takes no new work.");
  }
  if (needsRoom === true) options.disk.require(0);
  if (permission === null) return undefined;
  if (options.credentials === null) {
    const project = headers["x-project-id"];
    if (project !== undefined && project !== options.localPrincipal.projectId) throw noProject();
    request.principal = options.localPrincipal;
    return options.rateLimits.admit(request, options.localPrincipal);
  }
  const ticket = acceptsTicket === true ? ticketOf(request) : null;
  if (ticket !== null) {
    const redeemed = authenticateTicket(options.credentials.tickets, ticket, rawPath(request.raw.url));
    return redeemed.then((known) => admit(options, request, known, permission));
  }
  const principal = authenticate(options.credentials, headers);
  if (principal instanceof Promise) return principal.then((known) => admit(options, request, known, permission));
  return admit(options, request, principal, permission);
}

/** In place of a header, never beside one. */
function ticketOf(request: FastifyRequest): string | null {
  const { headers } = request.raw;
  if (headers["x-api-key"] !== undefined || headers.authorization !== undefined) return null;
  return new URLSearchParams(rawQuery(request)).get("ticket");
}

function admit(
  { rateLimits }: AccessOptions,
  request: FastifyRequest,
  principal: Principal,
  permission: Permission,
): Promise<void> | undefined {
  // Known from here on, also to the log and the audit of a refusal.
  request.principal = principal;
  if (!principal.permissions.has(permission)) {
    throw new ProblemError(
      "permission_denied",
      `The role ${principal.role} does not include ${permission}, or the credential's scope does not.`,
    );
  }
  return rateLimits.admit(request, principal);
}

/** A 401 says how to authenticate (RFC 9110). */
function withChallenge(error: Error, reply: FastifyReply): Error {
  if (error instanceof ProblemError && error.status === 401) {
    const detail = error.code === "invalid_token" ? ', error="invalid_token"' : "";
    reply.header("www-authenticate", `ApiKey realm="tda", header="X-API-Key", Bearer realm="tda"${detail}`);
  }
  return error;
}
