import type { ResultCache } from "../../domain/ports.ts";

/** Bytes that an entry takes beside key and value: map slot, strings' and arrays' headers. */
const ENTRY_OVERHEAD_BYTES = 200;

/**
 * The result cache in this process: at most `limitBytes` of keys and values, least recently used out first. A value that
 * alone passes an eighth of the limit is not kept: it would push out many for one.
 */
export class MemoryCache implements ResultCache {
  readonly #limitBytes: number;
  readonly #largestBytes: number;
  /** In the order of last use: a Map keeps the order of insertion, and a use inserts again. */
  readonly #entries = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#largestBytes = limitBytes / 8;
  }

  get usage(): ResultCache["usage"] {
    return { entries: this.#entries.size, bytes: this.#bytes, limitBytes: this.#limitBytes };
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: Uint8Array): void {
    this.#remove(key);
    const size = sizeOf(key, value);
    if (size > this.#largestBytes) return;
    // A copy: a view of a larger buffer would keep all of that alive.
    this.#entries.set(key, new Uint8Array(value));
    this.#bytes += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(key, value);
  }
}

function sizeOf(key: string, value: Uint8Array): number {
  return key.length + value.byteLength + ENTRY_OVERHEAD_BYTES;
}
