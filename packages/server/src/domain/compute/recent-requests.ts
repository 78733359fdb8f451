import type { KnownRequest } from "./result-lookup.ts";

interface Entry extends KnownRequest {
  readonly bytes: Buffer;
}

/** Larger bodies cost more to keep than to hash. */
const LARGEST_BODY = 65_536;
const LIMIT_BYTES = 8 * 1024 * 1024;
/** Bytes of a body that its look-up key samples; whether it is the same body is decided by all of them. */
const SAMPLES = 32;

/**
 * The small requests that were answered last, found by comparing their bytes: a keyed digest of the body, which finds all
 * others, takes longer than everything else of a cached answer. Of this process only, at most 8 MiB, oldest out first.
 */
export class RecentRequests {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** `scope` is everything but the body that the answer depends on: the project, the operation, the query, … */
  find(scope: string, body: Buffer): KnownRequest | undefined {
    if (body.length > LARGEST_BODY) return undefined;
    const entry = this.#entries.get(keyOf(scope, body));
    return entry?.bytes.equals(body) === true ? entry : undefined;
  }

  /** Takes a copy of the body. */
  keep(scope: string, body: Buffer, { contentKey, parameters }: KnownRequest): void {
    if (body.length > LARGEST_BODY) return;
    const key = keyOf(scope, body);
    this.#remove(key);
    const entry = { bytes: Buffer.from(Uint8Array.from(body).buffer), contentKey, parameters };
    this.#entries.set(key, entry);
    this.#bytes += sizeOf(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= LIMIT_BYTES) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(key, entry);
  }
}

function keyOf(scope: string, body: Buffer): string {
  let sample = body.length;
  // At places of no pattern (steps of the golden ratio), so that they fall in step with no width of rows.
  for (let i = 1; i <= SAMPLES; i++) {
    const at = Math.floor(((Math.imul(i, 0x9e3779b1) >>> 0) / 0x1_0000_0000) * body.length);
    sample = (Math.imul(sample, 31) + (body[at] ?? 0)) | 0;
  }
  return `${scope}${body.length} ${sample}`;
}

function sizeOf(key: string, { bytes, contentKey, parameters }: Entry): number {
  return key.length + bytes.length + contentKey.length + parameters.length + 200;
}
