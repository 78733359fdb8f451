import { type CryptoKey, importJWK, type JWK } from "jose";
import { ProblemError } from "../../domain/problem.ts";
import type { Logger } from "../../internal/logger.ts";

export interface IssuerKeysOptions {
  /** Of the issuer, for the log. */
  readonly name: string;
  readonly load: () => Promise<readonly JWK[]>;
  /** Between two fetches, whatever tokens ask for. */
  readonly refetchMs: number;
  /** Keys that are older are fetched again, so that a withdrawn one leaves. */
  readonly staleMs: number;
  readonly logger: Logger;
}

/** Without its issuer, its last keys are believed for so long. */
const longestMs = 86_400_000;
const keysLimit = 32;
const leastModulusBytes = 256;

/** The public keys of one issuer, never of two together. Fetched when needed, at most once in a time. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: ReadonlyMap<string, CryptoKey> | null = null;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | null = null;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /**
   * The key of a token's header; without `kid` the only one. null: the issuer has no such key.
   * @throws ProblemError `issuer_unavailable` while there are no keys at all.
   */
  async find(kid: string | undefined): Promise<CryptoKey | null> {
    const age = Date.now() - this.#loadedAt;
    if (this.#keys === null || age > longestMs || this.#pick(kid) === null) await this.#refresh();
    else if (age > this.#options.staleMs) void this.#refresh();
    if (this.#keys === null || Date.now() - this.#loadedAt > longestMs) {
      throw new ProblemError("issuer_unavailable", "The keys of the token's issuer could not be fetched.", {
        retryAfterSeconds: Math.ceil(this.#options.refetchMs / 1000),
      });
    }
    return this.#pick(kid);
  }

  /** The next look-up of an unknown key fetches, however recent the last fetch. */
  expire(): void {
    this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#loadedAt = Math.min(this.#loadedAt, Date.now() - this.#options.staleMs - 1);
  }

  #pick(kid: string | undefined): CryptoKey | null {
    if (kid !== undefined) return this.#keys?.get(kid) ?? null;
    return this.#keys?.size === 1 ? [...this.#keys.values()][0]! : null;
  }

  #refresh(): Promise<void> {
    if (this.#loading !== null) return this.#loading;
    if (Date.now() - this.#triedAt < this.#options.refetchMs) return Promise.resolve();
    this.#triedAt = Date.now();
    this.#loading = this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const found = await this.#options.load();
      const keys = new Map<string, CryptoKey>();
      for (const jwk of found.filter(isUsable).slice(0, keysLimit)) {
        const { kty, n, e } = jwk;
        keys.set(jwk.kid ?? "", (await importJWK({ kty, n, e } as JWK, "RS256")) as CryptoKey);
      }
      this.#keys = keys;
      this.#loadedAt = Date.now();
    } catch (error) {
      this.#options.logger.warn({ err: error, issuer: this.#options.name }, "the issuer's keys could not be fetched");
    }
  }
}

/** Only RSA keys that are for signatures and long enough: whatever else an issuer publishes is not for us. */
function isUsable({ kty, use, alg, n, e }: JWK): boolean {
  const isForUs = kty === "RSA" && (use === undefined || use === "sig") && (alg === undefined || alg === "RS256");
  return (
    isForUs && typeof e === "string" && typeof n === "string" && Buffer.from(n, "base64url").length >= leastModulusBytes
  );
}
