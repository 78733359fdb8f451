import type pg from "pg";
import type { Logger } from "../../../internal/logger.ts";
import type { PostgresApiKeyDirectory } from "../api-key-directory.ts";
import { PostgresAccountDirectory } from "./account-directory.ts";
import { PostgresAuditLog } from "./audit-log.ts";
import { ChangeListener } from "./changes.ts";
import { keepIdentityBounded } from "./identity-retention.ts";
import { PostgresKeyStore } from "./key-store.ts";
import { PostgresLoginAttempts } from "./login-attempts.ts";
import { PostgresProjectStore } from "./project-store.ts";
import { PostgresSessionStore } from "./session-store.ts";
import { SigningKeyStore } from "./signing-key-store.ts";
import { PostgresTicketStore } from "./ticket-store.ts";
import { PostgresUserStore } from "./user-store.ts";

export interface IdentityStoresOptions {
  readonly pool: pg.Pool;
  readonly systemPool: pg.Pool;
  /** Of the connection that hears of changes. */
  readonly connection: pg.ClientConfig;
  readonly apiKeys: PostgresApiKeyDirectory;
  readonly defaultProjectId: string;
  readonly auditRetentionDays: number;
  readonly logger: Logger;
}

/** What the database keeps of users, keys, sessions and the audit log. */
export class IdentityStores {
  readonly keys: PostgresKeyStore;
  readonly users: PostgresUserStore;
  readonly projects: PostgresProjectStore;
  readonly sessions: PostgresSessionStore;
  readonly accounts: PostgresAccountDirectory;
  readonly tickets: PostgresTicketStore;
  readonly attempts: PostgresLoginAttempts;
  readonly signingKeys: SigningKeyStore;
  readonly audit: PostgresAuditLog;
  readonly #apiKeys: PostgresApiKeyDirectory;
  readonly #onChange = new Set<(id: string | null) => void>();
  readonly #listener: ChangeListener;
  readonly #closing = new AbortController();
  readonly #retention: Promise<void>;

  constructor(options: IdentityStoresOptions) {
    const { pool, systemPool, logger, apiKeys } = options;
    this.keys = new PostgresKeyStore(pool);
    this.users = new PostgresUserStore(pool, systemPool);
    this.projects = new PostgresProjectStore(systemPool);
    this.sessions = new PostgresSessionStore(pool, systemPool, logger);
    this.accounts = new PostgresAccountDirectory(systemPool);
    this.tickets = new PostgresTicketStore(pool, systemPool);
    this.attempts = new PostgresLoginAttempts(systemPool);
    this.signingKeys = new SigningKeyStore(systemPool);
    this.audit = new PostgresAuditLog(pool, options.defaultProjectId, logger);
    this.#apiKeys = apiKeys;
    this.#listener = new ChangeListener(options.connection, logger, (id) => this.forget(id));
    this.#retention = keepIdentityBounded(systemPool, options.auditRetentionDays, logger, this.#closing.signal);
    void this.#listener.start();
  }

  /** Is told the key, user or session that changed; null: any may have. */
  onChange(forget: (id: string | null) => void): void {
    this.#onChange.add(forget);
  }

  /** Forgets what this process remembers of a key, user or session; null: of all. Whoever hears of a change calls it. */
  forget(id: string | null): void {
    this.#apiKeys.forget(id);
    for (const forget of this.#onChange) forget(id);
  }

  /** Writes what waits. The pools stay open. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.audit.drain(), this.#listener.close(), this.#retention]);
  }
}
