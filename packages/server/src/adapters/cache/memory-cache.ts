import type { ResultCache } from "../../domain/ports.ts";
import { RecencyMap } from "../../internal/recency-map.ts";

/**
 * Bytes that an entry takes beside key and value: about 400 on the heap (map slot, entry, string, array and its buffer) and
 * 200 outside (backing store, allocator), measured as growth of resident memory at 20 to 5,200 bytes a value.
 */
const ENTRY_OVERHEAD_BYTES = 640;

/**
 * The result cache in this process: at most `limitBytes` of keys and values, least recently used out first. A value that
 * alone passes an eighth of the limit is not kept: it would push out many for one.
 */
export class MemoryCache implements ResultCache {
  readonly #limitBytes: number;
  readonly #largestBytes: number;
  readonly #entries = new RecencyMap<string, Uint8Array>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#largestBytes = limitBytes / 8;
  }

  get usage(): ResultCache["usage"] {
    return { entries: this.#entries.size, bytes: this.#bytes, limitBytes: this.#limitBytes };
  }

  get(projectId: string, key: string): Uint8Array | undefined {
    return this.#entries.get(entryKey(projectId, key));
  }

  /** All of a project takes the time of a look at every key: projects are erased rarely. */
  async invalidate(projectId: string, key?: string): Promise<void> {
    if (key !== undefined) {
      this.#remove(entryKey(projectId, key));
      return;
    }
    const prefix = entryKey(projectId, "");
    for (const each of [...this.#entries.keys()]) if (each.startsWith(prefix)) this.#remove(each);
  }

  /** Drops everything. */
  clear(): void {
    for (const each of [...this.#entries.keys()]) this.#remove(each);
  }

  set(projectId: string, contentKey: string, value: Uint8Array): void {
    const key = entryKey(projectId, contentKey);
    this.#remove(key);
    const size = sizeOf(key, value);
    if (size > this.#largestBytes) return;
    // A copy: a view of a larger buffer would keep all of that alive.
    this.#entries.set(key, new Uint8Array(value));
    this.#bytes += size;
    while (this.#bytes > this.#limitBytes) this.#remove(this.#entries.oldest!.key);
  }

  #remove(key: string): void {
    const value = this.#entries.delete(key);
    if (value !== undefined) this.#bytes -= sizeOf(key, value);
  }
}

function entryKey(projectId: string, key: string): string {
  return `${projectId} ${key}`;
}

function sizeOf(key: string, value: Uint8Array): number {
  return key.length + value.byteLength + ENTRY_OVERHEAD_BYTES;
}
