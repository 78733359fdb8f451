import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor, LoginContext } from "../domain/identity/ports.ts";
import type { AuditLog } from "../domain/ports.ts";
import { callerOf } from "./request-context.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The operation writes its success to the audit log itself, in the transaction of what it does. */
    isAuditedWithin: boolean;
  }
}

const READING = new Set(["GET", "HEAD", "OPTIONS"]);
/** Identifiers and their like; what a stranger puts into a path is no target. */
const TARGET = /^[\x21-\x7e]{1,200}$/;

/**
 * Hands requests that have ended to the audit log: all that may change something, and of those that read the refused. The
 * client's own leaving is no outcome.
 */
export function auditObserver(audit: AuditLog) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const { operationId: operation } = request;
    if (operation === null) return;
    const status = reply.raw.statusCode;
    const isRefused = status === 401 || status === 403;
    if (!isRefused && (READING.has(request.method) || (status < 400 && request.isAuditedWithin))) return;
    audit.record({
      principal: request.principal,
      operation,
      target: targetOf(request, reply),
      status,
      address: addressOf(request),
      requestId: request.id,
    });
  };
}

/** Who changes something, for a store that records it in the same transaction. */
export function actorOf(request: FastifyRequest): Actor {
  return { principal: callerOf(request), ...loginContextOf(request) };
}

/** The same of an operation that has no caller yet. */
export function loginContextOf(request: FastifyRequest): LoginContext {
  request.isAuditedWithin = true;
  return { operation: request.operationId ?? "unknown", requestId: request.id, address: addressOf(request) };
}

export function addressOf(request: FastifyRequest): string | null {
  return request.raw.socket.remoteAddress ?? null;
}

/** The first parameter of the path: the thing that the operation is about; of what was created, the end of its `Location`. */
function targetOf({ params }: FastifyRequest, reply: FastifyReply): string | null {
  for (const name in params as Record<string, string>) {
    const value = (params as Record<string, string>)[name]!;
    return TARGET.test(value) ? value : null;
  }
  const location = reply.getHeader("location");
  const created = typeof location === "string" ? location.slice(location.lastIndexOf("/") + 1) : "";
  return TARGET.test(created) ? created : null;
}
