import type { Kysely } from "kysely";
import type { ProjectSecrets } from "../../domain/ports.ts";
import { BoundedMap } from "./bounded-map.ts";
import { asAvailable } from "./database-errors.ts";
import type { DatabaseSchema } from "./schema.ts";

const cacheEntries = 10_000;

/** Secrets of projects, which never change, so that each is read once. */
export class PostgresProjectSecrets implements ProjectSecrets {
  readonly #db: Kysely<DatabaseSchema>;
  readonly #cacheKeys = new BoundedMap<string, Uint8Array>(cacheEntries);

  constructor(db: Kysely<DatabaseSchema>) {
    this.#db = db;
  }

  async cacheKey(projectId: string): Promise<Uint8Array> {
    const remembered = this.#cacheKeys.get(projectId);
    if (remembered !== undefined) return remembered;
    const { cache_key } = await asAvailable(() =>
      this.#db.selectFrom("projects").select("cache_key").where("id", "=", projectId).executeTakeFirstOrThrow(),
    );
    this.#cacheKeys.set(projectId, cache_key);
    return cache_key;
  }
}
