import type { IncomingHttpHeaders } from "node:http";
import { noProject } from "../domain/identity/token-service.ts";
import type { ApiKeyDirectory, Principal, TicketVerifier, TokenVerifier } from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";

export interface Credentials {
  readonly apiKeys: ApiKeyDirectory;
  readonly tokens: TokenVerifier;
  readonly tickets: TicketVerifier;
}

const BEARER = /^bearer +(\S+)$/i;

/**
 * Finds out who is calling, by access token or API key: at once when it is known, else a promise.
 * @throws ProblemError of status 401, `not_found` for a project that is not the caller's; DependencyUnavailable.
 */
export function authenticate(credentials: Credentials, headers: IncomingHttpHeaders): Principal | Promise<Principal> {
  const project = headers["x-project-id"];
  if (headers.authorization !== undefined) {
    const token = BEARER.exec(headers.authorization)?.[1];
    if (token === undefined) {
      throw new ProblemError("invalid_token", "Authorization must be `Bearer` and an access token.");
    }
    return credentials.tokens.authenticate(token, project === undefined ? null : String(project));
  }
  const key = headers["x-api-key"];
  if (key === undefined || key === "") {
    throw new ProblemError(
      "authentication_required",
      "Send an API key in X-API-Key, or an access token in Authorization: Bearer.",
    );
  }
  const principal = typeof key === "string" ? credentials.apiKeys.authenticate(key) : null;
  return principal instanceof Promise
    ? principal.then((found) => requireKnown(found, project))
    : requireKnown(principal, project);
}

/** Who took a ticket for this path. @throws ProblemError `invalid_token`. */
export async function authenticateTicket(tickets: TicketVerifier, ticket: string, path: string): Promise<Principal> {
  const principal = await tickets.redeem(ticket, path);
  if (principal === null)
    throw new ProblemError("invalid_token", "The ticket is unknown, used, expired or for another path.");
  return principal;
}

function requireKnown(principal: Principal | null, project: string | string[] | undefined): Principal {
  if (principal === null) throw new ProblemError("invalid_api_key", "The API key is unknown, expired or revoked.");
  if (project !== undefined && project !== principal.projectId) throw noProject();
  return principal;
}
