import { createSecretKey, type KeyObject } from "node:crypto";
import { RecencyMap } from "../../internal/recency-map.ts";
import type { ProjectSecrets } from "../ports.ts";

const limit = 10_000;

/** Secrets of projects as key objects: a key of plain bytes is prepared again for every digest, which costs more than the digest. */
export class ProjectKeys {
  readonly #secrets: ProjectSecrets;
  readonly #keys = new RecencyMap<string, KeyObject>();

  constructor(secrets: ProjectSecrets) {
    this.#secrets = secrets;
  }

  async of(projectId: string): Promise<KeyObject> {
    const known = this.#keys.get(projectId);
    if (known !== undefined) return known;
    const key = createSecretKey(await this.#secrets.cacheKey(projectId));
    this.#keys.set(projectId, key);
    if (this.#keys.size > limit && this.#keys.oldest !== null) this.#keys.delete(this.#keys.oldest.key);
    return key;
  }
}
