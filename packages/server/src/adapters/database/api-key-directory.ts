import type { Role } from "@tda-platform/contract/permissions";
import type pg from "pg";
import { granted } from "../../domain/identity/granted.ts";
import type { ApiKeyDirectory, Principal } from "../../domain/ports.ts";
import type { Logger } from "../../internal/logger.ts";
import { apiKeyName, hasApiKeyForm } from "./api-key.ts";
import { BoundedMap } from "./bounded-map.ts";
import { asAvailable } from "./database-errors.ts";

interface KeyRow {
  readonly id: string;
  readonly project_id: string;
  readonly role: Role;
  readonly scopes: readonly string[] | null;
  readonly expires_at: Date | null;
}

interface Known {
  /** null: no such key. */
  readonly principal: Principal | null;
  readonly until: number;
}

/** A revoked key is refused within a minute everywhere. */
const knownForMs = 45_000;
/** A key that was unknown may have been made since, by another server. */
const unknownForMs = 5_000;
const cacheEntries = 10_000;
const lastUsedEveryMs = 30_000;

const columns = "id, project_id, role, scopes, expires_at";
const valid = "revoked_at is null and (expires_at is null or expires_at > now())";
const lookUpText = `select ${columns} from tda.api_keys where secret_sha256 = $1 and ${valid}`;
const byIdText = `select ${columns} from tda.api_keys where id = $1 and ${valid}`;

/**
 * API keys by the SHA-256 of the whole key. Answers are remembered for a minute at most, under the hash; known and
 * unknown keys are remembered apart, so that guesses cannot push the known ones out. Equal look-ups under way are one.
 */
export class PostgresApiKeyDirectory implements ApiKeyDirectory {
  readonly #pool: pg.Pool;
  readonly #logger: Logger;
  readonly #known = new BoundedMap<string, Known>(cacheEntries);
  readonly #unknown = new BoundedMap<string, Known>(cacheEntries);
  readonly #underWay = new Map<string, Promise<Principal | null>>();
  readonly #timer: NodeJS.Timeout;
  #changes = 0;
  /** Milliseconds since the epoch, by key. */
  #lastUsed = new Map<string, number>();

  constructor(pool: pg.Pool, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.#writeLastUsed(), lastUsedEveryMs).unref();
  }

  authenticate(apiKey: string): Promise<Principal | null> | Principal | null {
    if (!hasApiKeyForm(apiKey)) return null;
    const name = apiKeyName(apiKey);
    const remembered = this.#remembered(name);
    return remembered === undefined
      ? this.#lookUpOnce(name).then((principal) => this.#used(principal))
      : this.#used(remembered);
  }

  /** The principal of a key that is valid now, by its id: of tokens that were given for it. Nothing is remembered. */
  async find(keyId: string): Promise<Principal | null> {
    const { rows } = await asAvailable(() =>
      this.#pool.query<KeyRow>({ name: "find-api-key-by-id", text: byIdText, values: [keyId] }),
    );
    return rows[0] === undefined ? null : this.#used(principalOf(rows[0]));
  }

  /** Forgets a key that was changed or revoked; null: all of them. */
  forget(keyId: string | null): void {
    this.#changes++;
    this.#known.deleteWhere(({ principal }) => keyId === null || principal?.id === keyId);
  }

  /** Writes what is not yet written of the times of use. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writeLastUsed();
  }

  #used(principal: Principal | null): Principal | null {
    if (principal !== null) this.#lastUsed.set(principal.id, Date.now());
    return principal;
  }

  #remembered(name: string): Principal | null | undefined {
    for (const cache of [this.#known, this.#unknown]) {
      const entry = cache.get(name);
      if (entry === undefined) continue;
      if (entry.until > Date.now()) return entry.principal;
      cache.delete(name);
    }
    return undefined;
  }

  #lookUpOnce(name: string): Promise<Principal | null> {
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const lookUp = this.#lookUp(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, lookUp);
    return lookUp;
  }

  async #lookUp(name: string): Promise<Principal | null> {
    const changes = this.#changes;
    const { rows } = await asAvailable(() =>
      this.#pool.query<KeyRow>({ name: "find-api-key", text: lookUpText, values: [Buffer.from(name, "base64")] }),
    );
    const row = rows[0];
    if (row === undefined) {
      this.#unknown.set(name, { principal: null, until: Date.now() + unknownForMs });
      return null;
    }
    const principal = principalOf(row);
    // What was read before a change came in may be what changed.
    if (changes !== this.#changes) return principal;
    const until = Math.min(Date.now() + knownForMs, row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#known.set(name, { principal, until });
    return principal;
  }

  /** One statement for all keys used since the last. A time that is lost with the process is only a time. */
  async #writeLastUsed(): Promise<void> {
    if (this.#lastUsed.size === 0) return;
    const used = this.#lastUsed;
    this.#lastUsed = new Map();
    try {
      await this.#pool.query(
        `update tda.api_keys set last_used_at = greatest(last_used_at, used.at)
         from unnest($1::text[], $2::timestamptz[]) as used (id, at) where api_keys.id = used.id`,
        [[...used.keys()], Array.from(used.values(), (at) => new Date(at))],
      );
    } catch (error) {
      this.#logger.debug({ err: error }, "times of use of API keys could not be written");
      for (const [id, at] of used) if (!this.#lastUsed.has(id)) this.#lastUsed.set(id, at);
    }
  }
}

function principalOf({ id, project_id, role, scopes }: KeyRow): Principal {
  return {
    kind: "api_key",
    id,
    projectId: project_id,
    role,
    permissions: granted(role, scopes),
    credentialId: id,
  };
}
