import { randomUUID } from "node:crypto";
import type { ResultCache, ValueSealer } from "../../domain/ports.ts";
import type { Logger } from "../../internal/logger.ts";
import type { MemoryCache } from "../cache/memory-cache.ts";
import type { RedisConnection } from "./redis-connection.ts";

export interface RedisCacheOptions {
  readonly redis: RedisConnection;
  /** The cache of this process, asked first. */
  readonly front: MemoryCache;
  readonly sealer: ValueSealer;
  readonly timeToLiveSeconds: number;
  readonly valueLimitBytes: number;
  readonly logger: Logger;
  readonly count: (operation: "get" | "set", outcome: SharedOutcome) => void;
}

export type SharedOutcome = "hit" | "miss" | "stored" | "too_large" | "unavailable" | "refused";

interface Invalidation {
  /** Of the instance that sent it, which has dropped its own already. */
  readonly from: string;
  readonly project: string;
  /** null: everything of the project. */
  readonly key: string | null;
}

const scanCount = 500;

/**
 * The result cache of several instances: this process's own in front, Redis behind it. Values are sealed before they leave
 * the process, bound to project and key. Without Redis it is the process's own cache and nothing else.
 */
export class RedisCache implements ResultCache {
  readonly #options: RedisCacheOptions;
  readonly #id = randomUUID();
  #hasWarned = false;

  constructor(options: RedisCacheOptions) {
    this.#options = options;
    const { redis, front } = options;
    // Whoever may have missed an invalidation keeps nothing that it might have been about.
    redis.listen(
      (text) => this.#receive(text),
      () => front.clear(),
    );
  }

  get usage(): ResultCache["usage"] {
    return this.#options.front.usage;
  }

  get(projectId: string, key: string): Promise<Uint8Array | undefined> | Uint8Array | undefined {
    const own = this.#options.front.get(projectId, key);
    if (own !== undefined || !this.#options.redis.isClosed) return own;
    return this.#fetch(projectId, key);
  }

  async set(projectId: string, key: string, value: Uint8Array): Promise<void> {
    const { redis, front, sealer, timeToLiveSeconds, valueLimitBytes, count } = this.#options;
    front.set(projectId, key, value);
    if (value.length > valueLimitBytes) return count("set", "too_large");
    if (!redis.isClosed) return count("set", "unavailable");
    try {
      const sealed = Buffer.from(sealer.seal(contextOf(projectId, key), value));
      await redis.run((client) => client.set(nameOf(projectId, key), sealed, "EX", timeToLiveSeconds));
      count("set", "stored");
    } catch {
      count("set", "unavailable");
    }
  }

  /** @throws when Redis does not answer, so that whoever erases tries again: there may be copies left in it. */
  async invalidate(projectId: string, key?: string): Promise<void> {
    const { redis, front } = this.#options;
    await front.invalidate(projectId, key);
    const message: Invalidation = { from: this.#id, project: projectId, key: key ?? null };
    if (key === undefined) await this.#removeProject(projectId);
    else await redis.run((client) => client.unlink(nameOf(projectId, key)));
    // Afterwards, so that nobody who hears of it can read the old value once more.
    await redis.publish(JSON.stringify(message));
  }

  async #fetch(projectId: string, key: string): Promise<Uint8Array | undefined> {
    const { redis, front, sealer, logger, count } = this.#options;
    let sealed: Buffer | null;
    try {
      sealed = await redis.run((client) => client.getBuffer(nameOf(projectId, key)));
    } catch {
      count("get", "unavailable");
      return undefined;
    }
    if (sealed === null) {
      count("get", "miss");
      return undefined;
    }
    try {
      const value = sealer.open(contextOf(projectId, key), sealed);
      count("get", "hit");
      front.set(projectId, key, value);
      return value;
    } catch (error) {
      count("get", "refused");
      // Once is enough: an instance with another master key meets it at every read.
      const level = this.#hasWarned ? "debug" : "warn";
      this.#hasWarned = true;
      logger[level]({ err: error, project_id: projectId }, "a value of the shared cache can't be read and is left out");
      return undefined;
    }
  }

  async #removeProject(projectId: string): Promise<void> {
    const { redis } = this.#options;
    let cursor = "0";
    do {
      const [next, names] = await redis.run((client) =>
        client.scan(cursor, "MATCH", `${nameOf(projectId, "")}*`, "COUNT", scanCount),
      );
      if (names.length > 0) await redis.run((client) => client.unlink(...names));
      cursor = next;
    } while (cursor !== "0");
  }

  #receive(text: string): void {
    const { front } = this.#options;
    try {
      const { from, project, key } = JSON.parse(text) as Invalidation;
      if (from !== this.#id) void front.invalidate(project, key ?? undefined);
    } catch {
      // Not one of ours: rather too little kept than something stale.
      front.clear();
    }
  }
}

/** Projects' identifiers have no characters that a pattern of SCAN would read otherwise. */
function nameOf(projectId: string, key: string): string {
  return `tda:cache:${projectId}:${key}`;
}

/** An entry is sealed as what it is: in another project's or key's place it does not open. */
function contextOf(projectId: string, key: string): string {
  return `cache\n${projectId}\n${key}`;
}
