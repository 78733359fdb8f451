import type { Key, Project, User } from "@tda-platform/contract/access-schemas";
import type { AuditEntry, AuditExportQuery } from "@tda-platform/contract/audit-schemas";
import type { Permission, Role } from "@tda-platform/contract/permissions";
import type { Principal } from "../ports.ts";

/** Who changes something and by which request: what the audit log needs, in the transaction of the change. */
export interface Actor {
  readonly principal: Principal;
  readonly operation: string;
  readonly requestId: string;
  readonly address: string | null;
}

/** A request to authenticate, before there is a principal. */
export type LoginContext = Omit<Actor, "principal">;

/** Items older than `before` (an identifier), newest first, one more than `limit`. */
export interface Slice {
  readonly limit: number;
  readonly before: string | null;
}

export interface KeyInput {
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly Permission[] | null;
  readonly expiresAt: Date | null;
}

/** API keys of the actor's project. */
export interface KeyStore {
  create(actor: Actor, key: KeyInput): Promise<{ key: Key; secret: string }>;
  list(projectId: string, slice: Slice): Promise<readonly Key[]>;
  /** null: none, or revoked. */
  find(projectId: string, keyId: string): Promise<Key | null>;
  /** false: there is none. */
  revoke(actor: Actor, keyId: string): Promise<boolean>;
  /** A key like the old one, which ends after the overlap; null: there is none. */
  rotate(actor: Actor, keyId: string, overlapSeconds: number): Promise<{ key: Key; secret: string } | null>;
}

export interface AccountInput {
  readonly username: string;
  readonly passwordHash: string | null;
  readonly displayName: string | null;
  readonly role: Role;
}

export interface AccountChange {
  readonly role?: Role;
  readonly displayName?: string | null;
  readonly passwordHash?: string;
  readonly isDisabled?: boolean;
}

/** Users, as members of the actor's project. */
export interface UserStore {
  /** Makes an account and its membership. @throws ProblemError `name_taken`, `count_limit_exceeded`. */
  create(actor: Actor, account: AccountInput): Promise<User>;
  /** Makes a user of another project a member; null: there is no such user. @throws ProblemError `name_taken`. */
  join(actor: Actor, userId: string, role: Role): Promise<User | null>;
  list(projectId: string, slice: Slice): Promise<readonly User[]>;
  find(projectId: string, userId: string): Promise<User | null>;
  /** null: no member. What is of the account itself changes only in the project that made it. */
  update(actor: Actor, userId: string, change: AccountChange): Promise<User | null>;
  remove(actor: Actor, userId: string): Promise<boolean>;
  setOwnPassword(actor: Actor, passwordHash: string): Promise<void>;
}

export interface ProjectStore {
  create(actor: Actor, name: string): Promise<{ project: Project; key: Key; secret: string }>;
  /** Those of a user, all, or one; newest first. */
  list(of: { userId: string } | { projectId: string } | "all", slice: Slice): Promise<readonly Project[]>;
}

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly homeProjectId: string;
  readonly passwordHash: string | null;
  readonly isDisabled: boolean;
}

export interface Membership {
  readonly projectId: string;
  readonly role: Role;
}

/** What a login needs before there is a project: across projects. */
export interface AccountDirectory {
  findByName(username: string): Promise<Account | null>;
  findById(userId: string): Promise<Account | null>;
  /** In the project, or in the first of the user's; null: no member. */
  membership(account: Pick<Account, "id" | "homeProjectId">, projectId: string | null): Promise<Membership | null>;
}

export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string;
  readonly expiresAt: Date;
}

/** Logins: each is a family of refresh tokens of which one is valid at a time. */
export interface SessionStore {
  open(
    context: LoginContext,
    session: { userId: string; projectId: string; lifeMs: number },
    token: RefreshToken,
  ): Promise<Session>;
  /** The open session of a token's family, whether the token is the present one or not. */
  find(token: RefreshToken): Promise<Session | null>;
  /** Uses up a refresh token for the next one. null: it was used before, so its session is ended now; or that had ended. */
  rotate(context: LoginContext, used: RefreshToken, next: RefreshToken): Promise<Session | null>;
  /** Ends a session, by its id or a token of its family; true: it was open. */
  end(context: LoginContext, which: { sessionId: string } | { token: RefreshToken }): Promise<boolean>;
}

/** A refresh token in parts: the family's, which stays, and the secret that is used once. SHA-256 of each is stored. */
export interface RefreshToken {
  readonly family: Buffer;
  readonly secret: Buffer;
}

/** Bounds guesses. `take` counts an attempt before it is made; `forgive` after it succeeded. */
export interface LoginAttempts {
  /** Seconds to wait; null: go on. */
  take(username: string, address: string | null): Promise<number | null>;
  forgive(username: string, address: string | null): Promise<void>;
}

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes the same time for a user that does not exist (null). */
  verify(stored: string | null, password: string): Promise<boolean>;
}

export interface TokenClaims {
  /** `usr_…` or `key_…` */
  readonly subject: string;
  readonly projectId: string;
  readonly sessionId: string | null;
  readonly scope: string | null;
}

export interface TokenSigner {
  /** Name of the issuer in its tokens. */
  readonly issuer: string;
  sign(claims: TokenClaims, lifeSeconds: number): Promise<string>;
  /** Public keys whose tokens may be in use. */
  publicKeys(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface TicketStore {
  issue(principal: Principal, path: string): Promise<{ ticket: string; expiresAt: Date }>;
}

export interface AuditReader {
  list(projectId: string, filter: AuditExportQuery, slice: Slice): Promise<readonly AuditEntry[]>;
}
