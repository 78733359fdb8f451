import type { JobSignals } from "../../../domain/jobs/job-store.ts";
import type { DatabaseListener } from "../database-listener.ts";
import { CHANNELS } from "./job-events.ts";

/** What other processes tell of jobs; null: something may have been missed. */
export class PostgresJobSignals implements JobSignals {
  readonly #listener: DatabaseListener;

  constructor(listener: DatabaseListener) {
    this.#listener = listener;
  }

  onQueued(listener: () => void): void {
    this.#listener.on(CHANNELS.queued, () => listener());
  }

  onCancelled(listener: (ids: readonly string[] | null) => void): void {
    this.#listener.on(CHANNELS.cancelled, (payload) => listener(payload?.split(",") ?? null));
  }

  onEvents(listener: (ids: readonly string[] | null) => void): void {
    this.#listener.on(CHANNELS.events, (payload) => listener(payload?.split(",") ?? null));
  }
}
