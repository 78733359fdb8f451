import { TOKEN_REQUEST_SCHEMA, type Token, type TokenRequest } from "@tda-platform/contract/identity-schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../../../domain/problem.ts";
import { loginContextOf } from "../../audit-observer.ts";
import { formReader } from "../../form-request.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** `auth.token` */
export function grantToken({ identity }: OperationContext) {
  const readBody = formReader<TokenRequest>(TOKEN_REQUEST_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Token> => {
    requireNoQuery(request);
    const { token, isAudited } = await identity.service.grant(
      { ...readBody(request), ...basicCredentials(request) },
      loginContextOf(request),
    );
    request.isAuditedWithin = isAudited;
    reply.header("cache-control", "no-store");
    return token;
  };
}

/** A client's id and secret by HTTP Basic, each encoded as in a form (RFC 6749, 2.3.1). */
function basicCredentials({ raw: { headers } }: FastifyRequest): Pick<TokenRequest, "client_id" | "client_secret"> {
  if (headers.authorization === undefined) return {};
  const encoded = BASIC.exec(headers.authorization)?.[1];
  const pair = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  const at = pair.indexOf(":");
  if (at === -1)
    throw new ProblemError("invalid_credentials", "Authorization must be Basic with a client id and secret.");
  try {
    const [client_id, client_secret] = [pair.slice(0, at), pair.slice(at + 1)].map((text) =>
      decodeURIComponent(text.replaceAll("+", " ")),
    ) as [string, string];
    return { client_id, client_secret };
  } catch {
    throw new ProblemError("invalid_credentials", "The client id or secret is not validly encoded.");
  }
}
