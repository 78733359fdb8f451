import { hash } from "node:crypto";
import { type CryptoKey, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { DependencyUnavailable } from "../../domain/errors.ts";
import type { Principal, TokenVerifier } from "../../domain/ports.ts";
import { ProblemError } from "../../domain/problem.ts";
import type { Logger } from "../../internal/logger.ts";
import { BoundedMap } from "../database/bounded-map.ts";

/** Who signs tokens that are accepted, and what these mean. */
export interface Issuer {
  /** `iss` of its tokens. */
  readonly name: string;
  readonly audience: string;
  /** `typ` of its access tokens. */
  readonly tokenType: string;
  /** null: it has no such key. @throws ProblemError `issuer_unavailable`. */
  findKey(kid: string | undefined): Promise<CryptoKey | null>;
  /** @throws ProblemError when the bearer may not enter. */
  principal(claims: JWTPayload, projectId: string | null): Promise<Principal>;
}

interface Known {
  readonly principal: Principal;
  readonly until: number;
}

/** A token that is refused by now is accepted for so long at most. */
const knownForMs = 45_000;
const cacheEntries = 10_000;
const longestToken = 8_192;
const skewSeconds = 15;
/** Header, payload and signature, without padding. */
const form = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Access tokens (RFC 9068): signed by RS256 with a key of the very issuer that the token names, for our audience, of the
 * type of access tokens, in time. What a header says of keys (`jku`, `jwk`, `x5u`, `x5c`) is not read; extensions (`crit`)
 * are refused. Principals of good tokens are remembered under the token's hash, for less than a minute.
 */
export class JwtVerifier implements TokenVerifier {
  readonly #issuers: ReadonlyMap<string, Issuer>;
  readonly #logger: Logger;
  readonly #known = new BoundedMap<string, Known>(cacheEntries);
  readonly #underWay = new Map<string, Promise<Principal>>();
  #changes = 0;

  constructor(issuers: readonly Issuer[], logger: Logger) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.name, issuer]));
    this.#logger = logger;
  }

  authenticate(token: string, projectId: string | null): Principal | Promise<Principal> {
    if (token.length > longestToken || !form.test(token)) throw invalid("This is no token.");
    const digest = hash("sha256", token, "base64");
    const name = projectId === null ? digest : `${digest}${projectId}`;
    const known = this.#known.get(name);
    if (known !== undefined) {
      if (known.until > Date.now()) return known.principal;
      this.#known.delete(name);
    }
    return this.#underWay.get(name) ?? this.#start(name, token, projectId);
  }

  /** Forgets the tokens of a user, key or session that was changed; null: all. */
  forget(id: string | null): void {
    this.#changes++;
    this.#known.deleteWhere(({ principal }) => id === null || principal.id === id || principal.credentialId === id);
  }

  #start(name: string, token: string, projectId: string | null): Promise<Principal> {
    const changes = this.#changes;
    const verifying = this.#verify(token, projectId)
      .then(({ principal, expiresAt }) => {
        const until = Math.min(Date.now() + knownForMs, expiresAt);
        // What was read before a change came in may be what changed.
        if (changes === this.#changes) this.#known.set(name, { principal, until });
        return principal;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, verifying);
    return verifying;
  }

  async #verify(token: string, projectId: string | null): Promise<{ principal: Principal; expiresAt: number }> {
    try {
      const issuer = this.#issuers.get(decodeJwt(token).iss ?? "");
      if (issuer === undefined) throw invalid("The token's issuer is not known here.");
      const claims = await this.#claims(token, issuer);
      const principal = await issuer.principal(claims, projectId);
      return { principal, expiresAt: (claims.exp! + skewSeconds) * 1000 };
    } catch (error) {
      if (error instanceof ProblemError || error instanceof DependencyUnavailable) throw error;
      // Whatever a token makes the library say, it is the token that is refused.
      this.#logger.debug({ err: error }, "a token was refused");
      throw invalid("The token is not valid: its signature, audience or time is wrong.");
    }
  }

  async #claims(token: string, issuer: Issuer): Promise<JWTPayload> {
    const { alg, typ, kid } = decodeProtectedHeader(token);
    // Before any key is fetched for it.
    if (alg !== "RS256") throw invalid("The token is not signed by RS256.");
    if (typeOf(typ) !== issuer.tokenType.toLowerCase()) throw invalid("This is no access token.");
    if (kid !== undefined && typeof kid !== "string") throw invalid("The token's key has no name.");
    const key = await issuer.findKey(kid);
    if (key === null) throw invalid("The token's key is not one of its issuer.");
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["RS256"],
      issuer: issuer.name,
      audience: issuer.audience,
      clockTolerance: skewSeconds,
      requiredClaims: ["sub", "exp", "iat"],
    });
    if (payload.iat! > Date.now() / 1000 + skewSeconds) throw invalid("The token is from the future.");
    return payload;
  }
}

/** `application/at+jwt` is `at+jwt` (RFC 7515, 4.1.9). */
function typeOf(typ: unknown): string {
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : "";
}

function invalid(detail: string): ProblemError {
  return new ProblemError("invalid_token", detail);
}
