import type { Permission } from "@tda-platform/contract/permissions";

/**
 * What the domain needs from the outside, as interfaces. Adapters (`src/adapters/`) implement them, an embedded and a
 * distributed one each; `src/start/` chooses. The domain and HTTP layers import no adapter.
 */

/** Who is calling, after authentication. With authentication off (loopback only) it is the default project's admin. */
export interface Principal {
  readonly kind: "api_key" | "user" | "client" | "local";
  /** `key_…`, `usr_…`, the issuer's subject, or "local" with authentication off. */
  readonly id: string;
  /** `prj_…` */
  readonly projectId: string;
  readonly role: string;
  /** What the role allows, less what the credential's scopes leave out. */
  readonly permissions: ReadonlySet<Permission>;
  /** The key (`key_…`), or the session of the user's login (`ses_…`), for the audit log. */
  readonly credentialId?: string;
}

/** Resolves access tokens of the issuers that the server knows. At once for a token that is remembered. */
export interface TokenVerifier {
  /**
   * @param projectId The project that the caller asks for; null: the token's own.
   * @throws ProblemError `invalid_token`, `not_found` (no member of the project) or `issuer_unavailable`; DependencyUnavailable.
   */
  authenticate(token: string, projectId: string | null): Principal | Promise<Principal>;
}

/** Something that a caller did or was refused. */
export interface AuditEvent {
  /** null: credentials were missing or not accepted. */
  readonly principal: Principal | null;
  readonly operation: string;
  /** The identifier of what it was done to, where there is one. */
  readonly target: string | null;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly address: string | null;
  readonly requestId: string;
}

/** Append-only record of events. Recording costs no wait: rows are written together, shortly after. */
export interface AuditLog {
  record(event: AuditEvent): void;
}

/** Resolves an API key to its principal; null when it is unknown, expired or revoked. A promise only for a key to look up. */
export interface ApiKeyDirectory {
  authenticate(apiKey: string): Promise<Principal | null> | Principal | null;
}

/** One-use tickets, by which browsers open streams of events: they can send no header with them. */
export interface TicketVerifier {
  /** Whom the ticket was issued to, and no more after this; null: it is unknown, used, expired or for another path. */
  redeem(ticket: string, path: string): Promise<Principal | null>;
}

/** The secret under which a project's cache keys are HMACs (32 bytes), so that no project learns of another's input. */
export interface ProjectSecrets {
  cacheKey(projectId: string): Promise<Uint8Array>;
}

/** Encrypts small values at rest under the master key. The context says what the value is, and is authenticated with it. */
export interface ValueSealer {
  /** Of the master key that seals now. */
  readonly masterKeyId: string;
  /** Of those that still open. */
  readonly olderKeyIds: readonly string[];
  seal(context: string, value: Uint8Array): Uint8Array;
  /** @throws when it was changed, is another's, or of a master key that is not here. */
  open(context: string, sealed: Uint8Array): Uint8Array;
  /** The same value under the present master key. @throws as `open` */
  renew(context: string, sealed: Uint8Array): Uint8Array;
}

/** One computation that ran (cache hits are not computations). */
export interface ComputationRecord {
  /** `cmp_…`: the id of the answer that the computation produced. */
  readonly id: string;
  readonly projectId: string;
  readonly principalId: string;
  readonly requestId: string;
  readonly algorithm: "vietoris-rips" | "circular-coordinates";
  readonly status: "succeeded" | "failed" | "cancelled";
  /** Problem code of a failure. */
  readonly errorCode: string | null;
  readonly inputSha256: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly statistics: Readonly<Record<string, unknown>> | null;
  readonly engine: "native" | "typescript";
  readonly engineVersion: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** Durable record of computations: the promise resolves after the commit. */
export interface ComputationStore {
  record(computation: ComputationRecord): Promise<void>;
}

/**
 * Bytes of a project under a content key, bounded by bytes, least recently used out first. Losing it loses no data, and it
 * never fails: what cannot be read is not there.
 */
export interface ResultCache {
  get(projectId: string, key: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  set(projectId: string, key: string, value: Uint8Array): Promise<void> | void;
  /** Drops an entry of a project, or all of them, on every instance that can be reached. */
  invalidate(projectId: string, key?: string): Promise<void>;
  /** Of this process, for metrics and health. */
  readonly usage: { readonly entries: number; readonly bytes: number; readonly limitBytes: number };
}

export interface DependencyStatus {
  readonly name: "database" | "engine" | "cache" | "blobs" | "log";
  readonly status: "up" | "degraded" | "down";
  readonly latencyMs: number | null;
  /** "embedded" or "external" for the database; "native" or "typescript" for the engine; "memory" or "redis" for the cache; "embedded" or "kafka" for the log. */
  readonly kind: string;
  /** Of its circuit breaker; left out where there is none. */
  readonly circuit?: "closed" | "half_open" | "open";
  readonly detail: string | null;
}

export interface DependencyProbe {
  readonly name: DependencyStatus["name"];
  /** Without it the server is not ready. */
  readonly required: boolean;
  check(): Promise<DependencyStatus>;
}
