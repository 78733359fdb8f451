import { REQUEST_ID_PATTERN } from "@tda-platform/contract/identifiers";
import type { OperationId } from "@tda-platform/contract/operations";
import type { Permission } from "@tda-platform/contract/permissions";
import type { FastifyRequest, RawRequestDefaultExpression } from "fastify";
import type { Principal } from "../domain/ports.ts";
import { newRequestId } from "./new-request-id.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is calling; null before authentication, and for operations that need none. */
    principal: Principal | null;
    /** Fastify makes the object that tells it anew for each asking. null: no route of an operation. */
    operationId: OperationId | null;
  }
  interface FastifyContextConfig {
    operation?: OperationId;
    /** What the caller must be allowed to do; null: no credentials are needed. */
    permission?: Permission | null;
    /** Whether a one-use ticket in the query may stand for credentials. */
    acceptsTicket?: boolean;
    /** Whether the operation takes no new requests while the server stops. */
    refusedInShutdown?: boolean;
    /** Whether the operation is refused when only the disk's reserve is left. */
    needsRoom?: boolean;
  }
}

const keptRequestId = new RegExp(REQUEST_ID_PATTERN);

/** The client's request id where it has the allowed form; otherwise a new one. */
export function requestId(request: RawRequestDefaultExpression): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && keptRequestId.test(given) ? given : newRequestId();
}

/** The caller of an operation that needs one. */
export function callerOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error("the operation is registered without a permission");
  return request.principal;
}

/** The query string as it was sent, without the question mark. */
export function rawQuery(request: FastifyRequest): string {
  const url = request.raw.url ?? "";
  const mark = url.indexOf("?");
  return mark === -1 ? "" : url.slice(mark + 1);
}

/** The path as it was sent, without the query. */
export function rawPath(url: string | undefined): string {
  return (url ?? "").split("?", 1)[0]!;
}
