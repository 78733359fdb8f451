import type pg from "pg";
import type { ProjectSecrets } from "../../domain/ports.ts";
import { BoundedMap } from "./bounded-map.ts";
import { inProject } from "./project-transaction.ts";

const cacheEntries = 10_000;

/** Secrets of projects, which never change, so that each is read once. */
export class PostgresProjectSecrets implements ProjectSecrets {
  readonly #pool: pg.Pool;
  readonly #cacheKeys = new BoundedMap<string, Uint8Array>(cacheEntries);

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @throws RangeError when there is no such project: callers have it from a principal. */
  async cacheKey(projectId: string): Promise<Uint8Array> {
    const remembered = this.#cacheKeys.get(projectId);
    if (remembered !== undefined) return remembered;
    const { rows } = await inProject(this.#pool, projectId, (client) =>
      client.query<{ cache_key: Buffer }>("select cache_key from tda.projects where id = $1", [projectId]),
    );
    const row = rows[0];
    if (row === undefined) throw new RangeError(`There is no project ${projectId}.`);
    this.#cacheKeys.set(projectId, row.cache_key);
    return row.cache_key;
  }
}
