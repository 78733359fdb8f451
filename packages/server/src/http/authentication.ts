import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { ApiKeyDirectory, Principal } from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";

/** How long a key that was accepted is not looked up again: a revoked key works this much longer. */
const ACCEPTED_FOR_MS = 10_000;
const ACCEPTED_LIMIT = 10_000;
/** Longer ones are no keys and not worth a hash. */
const LONGEST_KEY = 256;

/** Finds out who is calling, by API key. Accepted keys are remembered by hash for ten seconds. */
export class Authenticator {
  readonly #apiKeys: ApiKeyDirectory;
  readonly #now: () => number;
  readonly #accepted = new Map<string, { readonly principal: Principal; readonly until: number }>();

  constructor(apiKeys: ApiKeyDirectory, now: () => number = Date.now) {
    this.#apiKeys = apiKeys;
    this.#now = now;
  }

  /** At once where the key is remembered. @throws ProblemError of status 401. */
  authenticate(headers: IncomingHttpHeaders): Principal | Promise<Principal> {
    // Tokens are a later part of the contract: until then none is valid.
    if (headers.authorization !== undefined) {
      throw new ProblemError("invalid_token", "This server accepts no tokens yet: send an API key in X-API-Key.");
    }
    const key = headers["x-api-key"];
    if (key === undefined || key === "") {
      throw new ProblemError("authentication_required", "Send an API key in X-API-Key.");
    }
    if (typeof key !== "string" || key.length > LONGEST_KEY) throw invalidKey();
    const digest = hash("sha256", key, "base64");
    const accepted = this.#accepted.get(digest);
    return accepted !== undefined && accepted.until > this.#now() ? accepted.principal : this.#lookUp(key, digest);
  }

  async #lookUp(key: string, digest: string): Promise<Principal> {
    this.#accepted.delete(digest);
    const principal = await this.#apiKeys.authenticate(key);
    if (principal === null) throw invalidKey();
    if (this.#accepted.size >= ACCEPTED_LIMIT) this.#accepted.clear();
    this.#accepted.set(digest, { principal, until: this.#now() + ACCEPTED_FOR_MS });
    return principal;
  }
}

function invalidKey(): ProblemError {
  return new ProblemError("invalid_api_key", "The API key is unknown, expired or revoked.");
}
