import type { RawRipsRequest } from "../input/rips-request.ts";
import type { KnownRequest } from "./result-lookup.ts";

/** Everything but the body that tells two requests to one operation of one server apart. */
export interface RequestScope extends Pick<RawRipsRequest, "mediaType" | "encoding" | "query"> {
  readonly projectId: string;
  readonly prefer: string;
}

interface Entry extends KnownRequest {
  readonly scope: RequestScope;
  readonly sample: number;
  readonly bytes: Buffer;
}

/** Larger bodies cost more to keep than to hash. */
const LARGEST_BODY = 65_536;
const LIMIT_BYTES = 8 * 1024 * 1024;
/** Bytes of a body, and characters of a query, that the look-up samples; whether it is the same is decided by all of them. */
const SAMPLES = 32;

/**
 * The small requests to one operation that were answered last, found by comparing their bytes: a keyed digest of the body,
 * which finds all others, takes longer than everything else of a cached answer. Of this process only, so that operation and
 * settings are the same for all; at most 8 MiB, oldest out first. Projects are apart: none displaces an equal request of
 * another, and so none can tell by time what another asked.
 */
export class RecentRequests {
  readonly #projects = new Map<string, Map<number, Entry>>();
  /** In the order in which they were kept. */
  readonly #entries = new Set<Entry>();
  #bytes = 0;

  find(scope: RequestScope, body: Buffer): KnownRequest | undefined {
    if (body.length > LARGEST_BODY) return undefined;
    const entry = this.#projects.get(scope.projectId)?.get(sampleOf(scope, body));
    return entry !== undefined && isSameScope(entry.scope, scope) && entry.bytes.equals(body) ? entry : undefined;
  }

  /** Takes a copy of the body. */
  keep(scope: RequestScope, body: Buffer, { contentKey, parameters }: KnownRequest): void {
    if (body.length > LARGEST_BODY) return;
    const sample = sampleOf(scope, body);
    const ofProject = this.#projects.get(scope.projectId) ?? new Map<number, Entry>();
    this.#remove(ofProject.get(sample));
    const bytes = Buffer.from(Uint8Array.from(body).buffer);
    const entry = { scope: { ...scope }, sample, bytes, contentKey, parameters };
    ofProject.set(sample, entry);
    this.#projects.set(scope.projectId, ofProject);
    this.#entries.add(entry);
    this.#bytes += sizeOf(entry);
    for (const oldest of this.#entries) {
      if (this.#bytes <= LIMIT_BYTES) break;
      this.#remove(oldest);
    }
  }

  #remove(entry: Entry | undefined): void {
    if (entry === undefined || !this.#entries.delete(entry)) return;
    this.#bytes -= sizeOf(entry);
    const ofProject = this.#projects.get(entry.scope.projectId);
    ofProject?.delete(entry.sample);
    if (ofProject?.size === 0) this.#projects.delete(entry.scope.projectId);
  }
}

function sampleOf({ query }: RequestScope, body: Buffer): number {
  let sample = body.length;
  // At places of no pattern (steps of the golden ratio), so that they fall in step with no width of rows.
  for (let i = 1; i <= SAMPLES; i++) {
    const at = Math.floor(((Math.imul(i, 0x9e3779b1) >>> 0) / 0x1_0000_0000) * body.length);
    sample = (Math.imul(sample, 31) + (body[at] ?? 0)) | 0;
  }
  for (let i = 0; i < query.length && i < SAMPLES; i++) sample = (Math.imul(sample, 31) + query.charCodeAt(i)) | 0;
  return sample;
}

function isSameScope(a: RequestScope, b: RequestScope): boolean {
  return (
    a.projectId === b.projectId &&
    a.mediaType === b.mediaType &&
    a.encoding === b.encoding &&
    a.query === b.query &&
    a.prefer === b.prefer
  );
}

function sizeOf({ scope, bytes, contentKey, parameters }: Entry): number {
  return scope.query.length + scope.prefer.length + bytes.length + contentKey.length + parameters.length + 400;
}
