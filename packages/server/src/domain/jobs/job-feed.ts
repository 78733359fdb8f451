import { Told } from "../../internal/told.ts";
import type { JobEvent } from "./job.ts";
import type { JobSignals, JobStore } from "./job-store.ts";

/** A told event is looked for at once; one whose telling was lost, so much later. */
const POLL_MS = 1_000;
const PAGE_EVENTS = 100;

/** Follows jobs: their events from the database, as soon as they are told to be there. */
export class JobFeed {
  readonly #jobs: JobStore;
  readonly #told = new Told(POLL_MS);

  constructor(jobs: JobStore, signals: JobSignals) {
    this.#jobs = jobs;
    signals.onEvents((ids) => this.#told.tell(ids));
  }

  async hasMore(projectId: string, id: string, after: number): Promise<boolean> {
    return (await this.#jobs.events(projectId, id, after, 1)).length > 0;
  }

  /** Pages of the events after a version, without end: empty when nothing has come for a second. Ends with the signal. */
  async *follow(
    projectId: string,
    id: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JobEvent[]> {
    let seen = after;
    while (!signal.aborted) {
      // Before the look, so that what is told during it is not missed.
      const told = this.#told.next(id, signal);
      const events = await this.#jobs.events(projectId, id, seen, PAGE_EVENTS);
      seen = events.at(-1)?.version ?? seen;
      if (events.length > 0) {
        told.cancel();
        yield events;
      } else {
        await told.promise;
        yield [];
      }
    }
  }
}
