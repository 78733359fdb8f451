import type { IncomingHttpHeaders } from "node:http";
import type { ApiKeyDirectory, Principal } from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";

/**
 * Finds out who is calling, by API key: at once when the key is known, else a promise.
 * @throws ProblemError of status 401; DependencyUnavailable.
 */
export function authenticate(apiKeys: ApiKeyDirectory, headers: IncomingHttpHeaders): Principal | Promise<Principal> {
  // Tokens are a later part of the contract: until then none is valid.
  if (headers.authorization !== undefined) {
    throw new ProblemError("invalid_token", "This server accepts no tokens yet: send an API key in X-API-Key.");
  }
  const key = headers["x-api-key"];
  if (key === undefined || key === "") {
    throw new ProblemError("authentication_required", "Send an API key in X-API-Key.");
  }
  const principal = typeof key === "string" ? apiKeys.authenticate(key) : null;
  return principal instanceof Promise ? principal.then(requireKnown) : requireKnown(principal);
}

function requireKnown(principal: Principal | null): Principal {
  if (principal === null) throw new ProblemError("invalid_api_key", "The API key is unknown, expired or revoked.");
  return principal;
}
