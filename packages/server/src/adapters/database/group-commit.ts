import pg from "pg";
import { DependencyUnavailable } from "../../domain/errors.ts";

export interface GroupCommitOptions<Item, Result> {
  /** Writes a batch in one transaction; a result for each item, in their order. */
  readonly write: (batch: readonly Item[]) => Promise<readonly Result[]>;
  readonly batchItems: number;
  /** Items beyond this are left to the next batch; one alone may be larger. Unbounded unless told. */
  readonly batchBytes?: number;
  /** Beyond so many waiting items, or so many waiting bytes, callers are told that the database is unavailable. */
  readonly queueItems?: number;
  readonly queueBytes?: number;
  /** Bytes that an item adds to a batch; 0 unless told. */
  readonly bytesOf?: (item: Item) => number;
  /** Of errors beside those of an item's own data: only one of a batch's items is to blame, and the others are written without it. */
  readonly isOfOneItem?: (error: unknown) => boolean;
  /** For the caller who is turned away. */
  readonly refusal: string;
  /** What cannot be used then; the database unless told. */
  readonly dependency?: "database" | "log";
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const retryAfterSeconds = 1;
/** Of one item's own data, and so not of those that share its batch. */
const isDataError = /^2[23]/;

/**
 * Writes durably what many callers bring. A commit waits for the disk, about 3 ms, so what arrives while one is under way
 * shares the next: the more come, the larger the batches, and a single one waits for nobody.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #queue: Waiting<Item, Result>[] = [];
  #queuedBytes = 0;
  #flushing: Promise<void> | null = null;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** The item's result, after the commit. @throws DependencyUnavailable when too much waits; whatever `write` throws. */
  add(item: Item): Promise<Result> {
    const {
      queueItems = Number.POSITIVE_INFINITY,
      queueBytes = Number.POSITIVE_INFINITY,
      bytesOf,
      refusal,
      dependency = "database",
    } = this.#options;
    const isFull = this.#queue.length >= queueItems || (this.#queue.length > 0 && this.#queuedBytes > queueBytes);
    if (isFull) return Promise.reject(new DependencyUnavailable(dependency, refusal, retryAfterSeconds));
    const bytes = bytesOf?.(item) ?? 0;
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#flushing ??= this.#flush();
    });
  }

  /** Waits until what was given so far is written or refused. */
  async drain(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // What the same turn of the event loop brings shares the first commit too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) await this.#write(this.#nextBatch());
    this.#flushing = null;
  }

  #nextBatch(): readonly Waiting<Item, Result>[] {
    const { batchItems, batchBytes = Number.POSITIVE_INFINITY } = this.#options;
    let total = 0;
    const tooMany = this.#queue.findIndex(({ bytes }, at) => {
      total += bytes;
      return at > 0 && (at >= batchItems || total > batchBytes);
    });
    const batch = this.#queue.splice(0, tooMany === -1 ? this.#queue.length : tooMany);
    for (const { bytes } of batch) this.#queuedBytes -= bytes;
    return batch;
  }

  async #write(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.write(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(results[at]!);
    } catch (error) {
      const isOfData = error instanceof pg.DatabaseError && isDataError.test(error.code ?? "");
      const isOneOfThem = batch.length > 1 && (isOfData || this.#options.isOfOneItem?.(error) === true);
      // One item that the database does not take must not fail those that happened to share its batch.
      if (isOneOfThem) for (const waiting of batch) await this.#write([waiting]);
      else for (const { reject } of batch) reject(error);
    }
  }
}
