import { Told } from "../../internal/told.ts";
import type { StoredResult } from "./stream.ts";
import type { StreamResultStore, StreamSignals } from "./stream-store.ts";

/** A told result is looked for at once; one whose telling was lost, so much later. */
const POLL_MS = 1_000;
const PAGE_RESULTS = 100;

/** Follows streams: their results from the database, as soon as they are told to be there. */
export class StreamFeed {
  readonly #results: StreamResultStore;
  readonly #told = new Told(POLL_MS);

  constructor(results: StreamResultStore, signals: StreamSignals) {
    this.#results = results;
    signals.onResults((ids) => this.#told.tell(ids));
  }

  /** Pages of the results after a position, none empty. Ends with the signal, or when the stream is no more. */
  async *follow(
    projectId: string,
    id: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly StoredResult[]> {
    let seen = after;
    while (!signal.aborted) {
      // Before the look, so that what is told during it is not missed.
      const told = this.#told.next(id, signal);
      const results = await this.#results.after(projectId, id, seen, PAGE_RESULTS);
      seen = results.at(-1)?.position ?? seen;
      if (results.length > 0) {
        told.cancel();
        yield results;
        continue;
      }
      await told.promise;
      if (!signal.aborted && (await this.#results.lastPosition(projectId, id)) === null) return;
    }
  }
}
