import type { ResultCache } from "../ports.ts";
import { decodeStored, encodeStored, type StoredResult } from "./result-body.ts";

/** What is known of a raw request that was answered before: its result's key, and its parameters as resolved. */
export interface KnownRequest {
  readonly contentKey: string;
  /** JSON text. */
  readonly parameters: string;
}

function decoded(bytes: Uint8Array | undefined): StoredResult | undefined {
  return bytes === undefined ? undefined : decodeStored(bytes);
}

/** Results under content keys, and content keys under raw requests, in one cache. */
export class ResultLookup {
  readonly #cache: ResultCache;

  constructor(cache: ResultCache) {
    this.#cache = cache;
  }

  /** At once when the cache is in this process. */
  result(projectId: string, contentKey: string): StoredResult | undefined | Promise<StoredResult | undefined> {
    const bytes = this.#cache.get(projectId, `result:${contentKey}`);
    return bytes instanceof Promise ? bytes.then(decoded) : decoded(bytes);
  }

  async keepResult(projectId: string, contentKey: string, result: StoredResult): Promise<void> {
    await this.#cache.set(projectId, `result:${contentKey}`, encodeStored(result));
  }

  async known(projectId: string, rawKey: string): Promise<KnownRequest | undefined> {
    const bytes = await this.#cache.get(projectId, `request:${rawKey}`);
    if (bytes === undefined) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const end = text.indexOf("\n");
    return { contentKey: text.slice(0, end), parameters: text.slice(end + 1) };
  }

  async keepKnown(projectId: string, rawKey: string, known: KnownRequest): Promise<void> {
    const { contentKey, parameters } = known;
    await this.#cache.set(projectId, `request:${rawKey}`, Buffer.from(`${contentKey}\n${parameters}`, "latin1"));
  }
}
