import { RecencyMap } from "../../internal/recency-map.ts";
import { DependencyUnavailable } from "../errors.ts";
import { ProblemError } from "../problem.ts";
import type { StreamRecord } from "./stream.ts";
import type { StreamSignals, StreamStore } from "./stream-store.ts";

const STREAMS = 10_000;
const KEYS = 500_000;
/** A change is told at once, and found after this where the telling was lost. */
const FRESH_MS = 1_000;
/** While the database is away, points are taken as the stream was so long ago. */
const STALE_MS = 60_000;

interface Known {
  readonly stream: StreamRecord;
  readonly readAt: number;
}

/** Streams and keys that points have lately come for: a request of known ones asks the database for nothing. */
export class KnownStreams {
  readonly #store: StreamStore;
  readonly #streams = new RecencyMap<string, Known>();
  /** When each key was last remembered by the database. */
  readonly #keys = new RecencyMap<string, number>();
  readonly #maxKeys: number;
  readonly #rememberMs: number;

  constructor(
    store: StreamStore,
    signals: StreamSignals,
    settings: { readonly streamMaxKeys: number; readonly streamKeyTtlMs: number },
  ) {
    this.#store = store;
    this.#maxKeys = settings.streamMaxKeys;
    this.#rememberMs = settings.streamKeyTtlMs / 2;
    signals.onChanged((ids) => {
      if (ids === null) this.#streams.deleteWhere(() => true);
      else for (const id of ids) this.forget(id);
    });
  }

  forget(id: string): void {
    this.#streams.delete(id);
  }

  /** @throws ProblemError `not_found`; DependencyUnavailable. */
  async stream(projectId: string, id: string): Promise<StreamRecord> {
    const now = performance.now();
    const known = this.#streams.get(id);
    const isOwn = known?.stream.projectId === projectId;
    if (known !== undefined && isOwn && now - known.readAt < FRESH_MS) return known.stream;
    try {
      const stream = await this.#store.find(projectId, id);
      if (stream === null) throw new ProblemError("not_found", "There is no such stream.");
      this.#streams.set(id, { stream, readAt: now });
      bound(this.#streams, STREAMS);
      return stream;
    } catch (error) {
      const isUsable = known !== undefined && isOwn && now - known.readAt < STALE_MS;
      if (isUsable && error instanceof DependencyUnavailable) return known.stream;
      if (error instanceof ProblemError) this.forget(id);
      throw error;
    }
  }

  /** Lets a flush find these keys. @throws ProblemError `stream_key_limit_exceeded`; DependencyUnavailable. */
  async remember({ projectId, id }: StreamRecord, keys: readonly string[]): Promise<void> {
    const since = performance.now() - this.#rememberMs;
    const fresh = keys.filter((key) => (this.#keys.get(`${id}\n${key}`) ?? Number.NEGATIVE_INFINITY) < since);
    if (fresh.length === 0) return;
    if (!(await this.#store.addKeys(projectId, id, fresh, this.#maxKeys))) {
      throw new ProblemError("stream_key_limit_exceeded", `A stream may have ${this.#maxKeys} keys.`);
    }
    const now = performance.now();
    for (const key of fresh) this.#keys.set(`${id}\n${key}`, now);
    bound(this.#keys, KEYS);
  }
}

function bound(map: RecencyMap<string, unknown>, limit: number): void {
  while (map.size > limit) map.delete(map.oldest!.key);
}
