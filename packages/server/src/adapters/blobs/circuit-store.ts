import { setTimeout as sleep } from "node:timers/promises";
import { DependencyUnavailable } from "../../domain/errors.ts";
import type { BlobName, BlobStore, ByteRange } from "../../domain/storage/blob-store.ts";
import { Circuit, type CircuitName, CircuitOpen } from "../../internal/circuit.ts";
import type { Logger } from "../../internal/logger.ts";

const failures = 5;
const checkEveryMs = 1_000;
const halfOpenAfterMs = 500;
const retryAfterSeconds = 5;

/**
 * A store over a network behind a circuit: after five calls in a row that found it gone, requests are refused at once, and
 * a check each second finds that it is back. Where all is well no check is sent.
 */
export class CircuitBlobStore implements BlobStore {
  readonly kind;
  readonly #store: BlobStore;
  readonly #circuit: Circuit;
  readonly #closing = new AbortController();
  #checking: Promise<void> = Promise.resolve();

  constructor(store: BlobStore, logger: Logger) {
    this.kind = store.kind;
    this.#store = store;
    this.#circuit = new Circuit({
      isFailure: (error) => error instanceof DependencyUnavailable,
      failures,
      halfOpenAfterMs,
      onChange: (state) => {
        logger.warn({ dependency: "blobs", circuit: state }, "the object store's circuit changed");
        if (state === "open") this.#checkUntilClosed();
      },
    });
  }

  get state(): CircuitName {
    return this.#circuit.state;
  }

  put(name: BlobName, content: AsyncIterable<Uint8Array>): Promise<number> {
    return this.#run(() => this.#store.put(name, content));
  }

  async *get(name: BlobName, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const pieces = this.#store.get(name, range)[Symbol.asyncIterator]();
    // The first piece says whether the store is there; one that breaks off later is for the reader to see.
    const first = await this.#run(() => pieces.next());
    try {
      for (let piece = first; piece.done !== true; piece = await pieces.next()) yield piece.value;
    } finally {
      await pieces.return?.();
    }
  }

  delete(name: BlobName): Promise<void> {
    return this.#run(() => this.#store.delete(name));
  }

  stat(name: BlobName): Promise<{ readonly bytes: number } | null> {
    return this.#run(() => this.#store.stat(name));
  }

  check(): Promise<void> {
    return this.#store.check();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#checking;
    await this.#store.close();
  }

  async #run<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.#circuit.run(call);
    } catch (error) {
      if (!(error instanceof CircuitOpen)) throw error;
      throw new DependencyUnavailable("blobs", "The object store does not answer.", retryAfterSeconds, {
        cause: error,
      });
    }
  }

  #checkUntilClosed(): void {
    const { signal } = this.#closing;
    this.#checking = this.#checking.then(async () => {
      while (!signal.aborted && !this.#circuit.isClosed) {
        await sleep(checkEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
        await this.#circuit.probe(() => this.#store.check()).catch(() => undefined);
      }
    });
  }
}
