import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, type JWK, type JWTPayload, SignJWT } from "jose";
import { granted, within } from "../../domain/identity/granted.ts";
import type { TokenClaims, TokenSigner } from "../../domain/identity/ports.ts";
import { noProject } from "../../domain/identity/token-service.ts";
import type { Principal } from "../../domain/ports.ts";
import { ProblemError } from "../../domain/problem.ts";
import type { Logger } from "../../internal/logger.ts";
import type { PostgresAccountDirectory } from "../database/identity/account-directory.ts";
import type { PublicJwk, SigningKeyStore } from "../database/identity/signing-key-store.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import type { Issuer } from "./token-verifier.ts";

export interface BuiltinOptions {
  readonly issuer: string;
  /** The private key as it is now: it may be replaced while the server runs. */
  readonly loadKey: () => Promise<string>;
  readonly store: SigningKeyStore;
  readonly accounts: PostgresAccountDirectory;
  readonly findKeyPrincipal: (keyId: string) => Promise<Principal | null>;
  readonly accessTokenSeconds: number;
  readonly logger: Logger;
}

/** Who the tokens are for: this API, of the installation that their issuer names. */
const audience = "tda-platform";
const tokenType = "at+jwt";
const refreshMs = 60_000;
const refetchMs = 1_000;
/** Between two refreshes, for a clock that is behind, and for a token that is signed in the last moment. */
const marginSeconds = 180;

interface SigningKey {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/**
 * The issuer of this installation. Every server signs with its own key file and publishes the public part in the database,
 * for as long as tokens of it may be in use: a key that is replaced leaves by itself.
 */
export class BuiltinIssuer implements Issuer, TokenSigner {
  readonly name: string;
  readonly issuer: string;
  readonly audience = audience;
  readonly tokenType = tokenType;
  readonly #options: BuiltinOptions;
  readonly #keys: IssuerKeys;
  #key: SigningKey;
  readonly #timer: NodeJS.Timeout;

  private constructor(options: BuiltinOptions, key: SigningKey) {
    this.#options = options;
    this.#key = key;
    this.name = options.issuer;
    this.issuer = options.issuer;
    const load = (): Promise<readonly JWK[]> => this.publicKeys() as Promise<readonly JWK[]>;
    this.#keys = new IssuerKeys({ name: options.issuer, load, refetchMs, staleMs: refreshMs, logger: options.logger });
    this.#timer = setInterval(() => void this.#refresh(), refreshMs).unref();
  }

  static async start(options: BuiltinOptions): Promise<BuiltinIssuer> {
    const issuer = new BuiltinIssuer(options, await readKey(await options.loadKey()));
    await issuer.#publish();
    return issuer;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  findKey(kid: string | undefined) {
    return this.#keys.find(kid);
  }

  async sign({ subject, projectId, sessionId, scope }: TokenClaims, lifeSeconds: number): Promise<string> {
    const claims = {
      prj: projectId,
      ...(sessionId === null ? {} : { sid: sessionId }),
      ...(scope === null ? {} : { scope }),
    };
    const { privateKey, publicJwk } = this.#key;
    const now = Math.floor(Date.now() / 1000);
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", typ: tokenType, kid: publicJwk.kid })
      .setIssuer(this.issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + lifeSeconds)
      .sign(privateKey);
  }

  async publicKeys(): Promise<readonly PublicJwk[]> {
    const published = await this.#options.store.list();
    const { publicJwk } = this.#key;
    return [publicJwk, ...published.filter(({ kid }) => kid !== publicJwk.kid)];
  }

  async principal(claims: JWTPayload, asked: string | null): Promise<Principal> {
    const { sub = "", prj, sid, scope } = claims;
    if (typeof prj !== "string") throw new ProblemError("invalid_token", "The token has no project.");
    const principal =
      typeof sid === "string"
        ? await this.#userPrincipal(sub, sid, asked ?? prj, asked !== null && asked !== prj)
        : await this.#options.findKeyPrincipal(sub);
    if (principal === null) throw new ProblemError("invalid_token", "The key that the token was given for is revoked.");
    if (asked !== null && principal.projectId !== asked) throw noProject();
    if (typeof scope !== "string") return principal;
    return { ...principal, permissions: within(principal.permissions, scope.split(" ")) };
  }

  async #userPrincipal(userId: string, sessionId: string, projectId: string, isOther: boolean): Promise<Principal> {
    const standing = await this.#options.accounts.standing(userId, sessionId, projectId);
    if (standing === "ended") throw new ProblemError("invalid_token", "The token's session has ended.");
    if (standing === null && isOther) throw noProject();
    if (standing === null) throw new ProblemError("invalid_token", "The user is no longer a member of the project.");
    const { role } = standing;
    return { kind: "user", id: userId, projectId, role, permissions: granted(role, null), credentialId: sessionId };
  }

  /** Takes up a replaced key, and says again that the present one is in use. Failures are for the next time. */
  async #refresh(): Promise<void> {
    try {
      const pem = await this.#options.loadKey();
      if (pem !== this.#key.pem) {
        const next = await readKey(pem);
        // Published before it signs: no server meets a token whose key it cannot find.
        await this.#publish(next);
        this.#key = next;
        this.#keys.expire();
        this.#options.logger.info({ kid: next.publicJwk.kid }, "access tokens are signed with another key");
        return;
      }
      await this.#publish();
    } catch (error) {
      this.#options.logger.warn({ err: error }, "the signing key could not be refreshed");
    }
  }

  /** For tests and for who replaced the key just now: does what happens each minute. */
  async refresh(): Promise<void> {
    await this.#refresh();
  }

  #publish(key: SigningKey = this.#key): Promise<void> {
    return this.#options.store.publish(key.publicJwk, this.#options.accessTokenSeconds + marginSeconds);
  }
}

async function readKey(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem);
  const { n, e } = createPublicKey(privateKey).export({ format: "jwk" }) as { n: string; e: string };
  const kid = await calculateJwkThumbprint({ kty: "RSA", n, e });
  return { pem, privateKey, publicJwk: { kty: "RSA", kid, alg: "RS256", use: "sig", n, e } };
}
