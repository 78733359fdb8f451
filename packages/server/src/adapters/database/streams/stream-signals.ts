import type { StreamSignals } from "../../../domain/streams/stream-store.ts";
import type { DatabaseListener } from "../database-listener.ts";
import { STREAM_CHANNELS } from "./stream-outbox.ts";

/** What other processes tell of streams; null: something may have been missed. */
export class PostgresStreamSignals implements StreamSignals {
  readonly #listener: DatabaseListener;

  constructor(listener: DatabaseListener) {
    this.#listener = listener;
  }

  onResults(listener: (ids: readonly string[] | null) => void): void {
    this.#listener.on(STREAM_CHANNELS.results, (payload) => listener(payload?.split(",") ?? null));
  }

  onChanged(listener: (ids: readonly string[] | null) => void): void {
    this.#listener.on(STREAM_CHANNELS.changed, (payload) => listener(payload?.split(",") ?? null));
  }
}
