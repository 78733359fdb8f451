import type { Token, TokenRequest } from "@tda-platform/contract/identity-schemas";
import type { ApiKeyDirectory, Principal, TokenVerifier } from "../ports.ts";
import { ProblemError, problemAt } from "../problem.ts";
import { normalPassword } from "./password-rules.ts";
import type {
  Account,
  AccountDirectory,
  LoginAttempts,
  LoginContext,
  Membership,
  PasswordHasher,
  Session,
  SessionStore,
  TokenClaims,
  TokenSigner,
} from "./ports.ts";
import { newRefreshToken, parseRefreshToken } from "./refresh-token.ts";

export interface TokenServiceParts {
  readonly accounts: AccountDirectory;
  readonly sessions: SessionStore;
  readonly attempts: LoginAttempts;
  readonly passwords: PasswordHasher;
  readonly signer: TokenSigner;
  readonly apiKeys: ApiKeyDirectory;
  readonly tokens: TokenVerifier;
  readonly accessTokenSeconds: number;
  readonly sessionDays: number;
}

const DAY_MS = 86_400_000;

/** A token, and what the audit log calls it. */
export interface Granted {
  readonly token: Token;
  /** The grant was recorded together with the session. */
  readonly isAudited: boolean;
}

/** The built-in issuer: access tokens for passwords, refresh tokens and API keys. */
export class TokenService {
  readonly #parts: TokenServiceParts;

  constructor(parts: TokenServiceParts) {
    this.#parts = parts;
  }

  /** @throws ProblemError `invalid_credentials`, `invalid_refresh_token`, `too_many_attempts`, `not_found`, `validation_failed`. */
  async grant(request: TokenRequest, context: LoginContext): Promise<Granted> {
    switch (request.grant_type) {
      case "password":
        return await this.#byPassword(request, context);
      case "refresh_token":
        return await this.#byRefreshToken(request, context);
      case "client_credentials":
        return await this.#byApiKey(request);
    }
  }

  /** Ends the session of a refresh or access token. What is no token of ours ends nothing, and that is no error (RFC 7009). */
  async revoke(text: string, context: LoginContext): Promise<void> {
    const token = parseRefreshToken(text);
    if (token !== null) {
      await this.#parts.sessions.end(context, { token });
      return;
    }
    const sessionId = await this.#sessionOf(text);
    if (sessionId !== null) await this.#parts.sessions.end(context, { sessionId });
  }

  /** @throws ProblemError `invalid_credentials` unless it is the user's password. */
  async checkPassword(username: string, password: string, address: string | null): Promise<Account> {
    const { attempts, accounts, passwords } = this.#parts;
    const name = username.toLowerCase();
    const waitSeconds = await attempts.take(name, address);
    if (waitSeconds !== null) {
      throw new ProblemError("too_many_attempts", "Too many logins failed.", { retryAfterSeconds: waitSeconds });
    }
    const account = await accounts.findByName(name);
    const isRight = await passwords.verify(account?.passwordHash ?? null, normalPassword(password));
    if (account === null || account.isDisabled || !isRight) throw wrongCredentials();
    await attempts.forgive(name, address);
    return account;
  }

  async #byPassword({ username, password, project_id, scope }: TokenRequest, context: LoginContext) {
    const { sessions, accounts, sessionDays } = this.#parts;
    const account = await this.checkPassword(
      required(username, "username"),
      required(password, "password"),
      context.address,
    );
    const { projectId } = memberOf(await accounts.membership(account, project_id ?? null), project_id);
    const { text, token } = newRefreshToken(null);
    const opening = { userId: account.id, projectId, lifeMs: sessionDays * DAY_MS };
    const session = await sessions.open(context, opening, token);
    return await this.#ofSession(session, projectId, scope, text);
  }

  async #byRefreshToken({ refresh_token, project_id, scope }: TokenRequest, context: LoginContext) {
    const { sessions, accounts } = this.#parts;
    const used = parseRefreshToken(required(refresh_token, "refresh_token"));
    if (used === null) throw new ProblemError("invalid_refresh_token", "This is no refresh token.");
    // What is wrong with the request is found before the token is used up.
    const open = await sessions.find(used);
    const account = open === null ? null : await accounts.findById(open.userId);
    if (open === null || account === null || account.isDisabled) {
      throw new ProblemError("invalid_refresh_token", "The token's session has ended, or never was.");
    }
    const { projectId } = memberOf(await accounts.membership(account, project_id ?? open.projectId), project_id);
    const { text, token } = newRefreshToken(refresh_token!);
    const session = await sessions.rotate(context, used, token);
    if (session === null) {
      throw new ProblemError("invalid_refresh_token", "The token was used before; its session has ended.");
    }
    return await this.#ofSession(session, projectId, scope, text);
  }

  async #byApiKey({ client_id, client_secret, project_id, scope }: TokenRequest): Promise<Granted> {
    const principal = await this.#parts.apiKeys.authenticate(required(client_secret, "client_secret"));
    const isNamed = client_id === undefined || client_id === "" || client_id === principal?.id;
    if (principal === null || !isNamed) throw wrongCredentials();
    if (project_id !== undefined && project_id !== principal.projectId) throw noProject();
    const claims = { subject: principal.id, projectId: principal.projectId, sessionId: null };
    return { token: await this.#token({ ...claims, scope: scope ?? null }), isAudited: false };
  }

  async #ofSession(
    session: Session,
    projectId: string,
    scope: string | undefined,
    refreshToken: string,
  ): Promise<Granted> {
    const claims = { subject: session.userId, projectId, sessionId: session.id, scope: scope ?? null };
    const refresh_expires_in = Math.max(1, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000));
    const token = { ...(await this.#token(claims)), refresh_token: refreshToken, refresh_expires_in };
    return { token, isAudited: true };
  }

  async #token(claims: TokenClaims): Promise<Token> {
    const seconds = this.#parts.accessTokenSeconds;
    return {
      access_token: await this.#parts.signer.sign(claims, seconds),
      token_type: "Bearer",
      expires_in: seconds,
      project_id: claims.projectId,
      ...(claims.scope === null ? {} : { scope: claims.scope }),
    };
  }

  async #sessionOf(accessToken: string): Promise<string | null> {
    try {
      const principal: Principal = await this.#parts.tokens.authenticate(accessToken, null);
      return principal.credentialId?.startsWith("ses_") === true ? principal.credentialId : null;
    } catch (error) {
      if (error instanceof ProblemError && error.status < 500) return null;
      throw error;
    }
  }
}

function required(value: string | undefined, name: string): string {
  if (value === undefined || value === "")
    throw problemAt("validation_failed", `/${name}`, "This grant type needs it.");
  return value;
}

function memberOf(membership: Membership | null, asked: string | undefined): Membership {
  if (membership !== null) return membership;
  throw asked === undefined ? wrongCredentials() : noProject();
}

function wrongCredentials(): ProblemError {
  return new ProblemError("invalid_credentials", "The credentials do not belong together, or the account is closed.");
}

/** Also where there is one: who is no member does not learn of it. */
export function noProject(): ProblemError {
  return new ProblemError("not_found", "There is no such project, or the caller is no member of it.");
}
