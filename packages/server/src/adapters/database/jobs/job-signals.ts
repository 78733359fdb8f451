import pg from "pg";
import type { JobSignals } from "../../../domain/jobs/job-store.ts";
import type { Logger } from "../../../internal/logger.ts";
import { CHANNELS } from "./job-events.ts";

const connectLimitMs = 3_000;
const retryMs = { first: 100, longest: 5_000 } as const;

/**
 * Hears what other processes tell (LISTEN) on a connection of its own, which is made again when it is lost; what may have
 * been missed meanwhile is told as null. Relies on the database for nothing else.
 */
export class PostgresJobSignals implements JobSignals {
  readonly #connection: pg.ClientConfig;
  readonly #logger: Logger;
  readonly #queued = new Set<() => void>();
  readonly #cancelled = new Set<(ids: readonly string[] | null) => void>();
  readonly #events = new Set<(ids: readonly string[] | null) => void>();
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waitMs: number = retryMs.first;
  #isClosed = false;

  constructor(connection: pg.ClientConfig, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
    void this.#connect();
  }

  onQueued(listener: () => void): void {
    this.#queued.add(listener);
  }

  onCancelled(listener: (ids: readonly string[] | null) => void): void {
    this.#cancelled.add(listener);
  }

  onEvents(listener: (ids: readonly string[] | null) => void): void {
    this.#events.add(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: "tda-listen",
      connectionTimeoutMillis: connectLimitMs,
      keepAlive: true,
    });
    this.#client = client;
    client.on("error", () => undefined);
    client.on("notification", ({ channel, payload }) => this.#hear(channel, payload ?? ""));
    try {
      await client.connect();
      // From here on a loss is heard; before, the catch below does.
      client.once("end", () => this.#retry());
      for (const channel of Object.values(CHANNELS)) await client.query(`listen ${channel}`);
      this.#waitMs = retryMs.first;
      for (const listener of this.#queued) listener();
      for (const listener of this.#cancelled) listener(null);
      for (const listener of this.#events) listener(null);
    } catch (error) {
      if (this.#isClosed) return;
      this.#logger.debug({ err: error }, "the connection that listens to the database was not made");
      await client.end().catch(() => undefined);
      this.#retry();
    }
  }

  #retry(): void {
    if (this.#isClosed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#connect();
    }, this.#waitMs);
    this.#timer.unref();
    this.#waitMs = Math.min(2 * this.#waitMs, retryMs.longest);
  }

  #hear(channel: string, payload: string): void {
    if (channel === CHANNELS.queued) for (const listener of this.#queued) listener();
    const ids = payload.split(",");
    if (channel === CHANNELS.cancelled) for (const listener of this.#cancelled) listener(ids);
    if (channel === CHANNELS.events) for (const listener of this.#events) listener(ids);
  }
}
