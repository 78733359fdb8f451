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
  result(contentKey: string): StoredResult | undefined | Promise<StoredResult | undefined> {
    const bytes = this.#cache.get(`result:${contentKey}`);
    return bytes instanceof Promise ? bytes.then(decoded) : decoded(bytes);
  }

  async keepResult(contentKey: string, result: StoredResult): Promise<void> {
    await this.#cache.set(`result:${contentKey}`, encodeStored(result));
  }

  async known(rawKey: string): Promise<KnownRequest | undefined> {
    const bytes = await this.#cache.get(`request:${rawKey}`);
    if (bytes === undefined) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const end = text.indexOf("\n");
    return { contentKey: text.slice(0, end), parameters: text.slice(end + 1) };
  }

  async keepKnown(rawKey: string, { contentKey, parameters }: KnownRequest): Promise<void> {
    await this.#cache.set(`request:${rawKey}`, Buffer.from(`${contentKey}\n${parameters}`, "latin1"));
  }
}
