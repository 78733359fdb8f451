import pg from "pg";
import type { Logger } from "../../internal/logger.ts";

/** null: notifications may have been missed. */
export type Hear = (payload: string | null) => void;

const connectLimitMs = 3_000;
const retryMs = { first: 100, longest: 5_000 } as const;
const isChannel = /^[a-z_]+$/;

/**
 * Hears what other processes tell (LISTEN) on a connection of its own, which is made again when it is lost; what may have
 * been missed meanwhile is told as null. Relies on the database for nothing else.
 */
export class DatabaseListener {
  readonly #connection: pg.ClientConfig;
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Set<Hear>>();
  #client: pg.Client | null = null;
  #isConnected = false;
  /** What the present connection listens to, or is about to. */
  #listened = new Set<string>();
  #listening: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #waitMs: number = retryMs.first;
  #isClosed = false;

  constructor(connection: pg.ClientConfig, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
    void this.#connect();
  }

  /** Until the returned function is called. */
  on(channel: string, hear: Hear): () => void {
    if (!isChannel.test(channel)) throw new RangeError(`${channel} is no name of a channel`);
    const known = this.#listeners.get(channel);
    const listeners = known ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(hear);
    // A channel stays listened to: there are a handful.
    if (known === undefined && this.#isConnected) void this.#listen(this.#client!);
    return () => listeners.delete(hear);
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
    client.on("notification", ({ channel, payload }) => this.#tell(channel, payload ?? ""));
    try {
      await client.connect();
      // From here on a loss is heard; before, the catch below does.
      client.once("end", () => this.#retry());
      this.#isConnected = true;
      this.#listened = new Set();
      await this.#listen(client);
      this.#waitMs = retryMs.first;
    } catch (error) {
      if (this.#isClosed) return;
      this.#logger.debug({ err: error }, "the connection that listens to the database was not made");
      await client.end().catch(() => undefined);
      this.#retry();
    }
  }

  /** To every channel that it does not listen to yet, one after the other. */
  #listen(client: pg.Client): Promise<void> {
    this.#listening = this.#listening.then(async () => {
      for (const channel of this.#listeners.keys()) {
        if (this.#client !== client || this.#listened.has(channel)) continue;
        this.#listened.add(channel);
        try {
          await client.query(`listen ${channel}`);
          this.#tell(channel, null);
        } catch (error) {
          // A lost connection is made again, and then listens to every channel.
          this.#logger.debug({ err: error, channel }, "a channel of the database is not listened to");
        }
      }
    });
    return this.#listening;
  }

  #retry(): void {
    this.#isConnected = false;
    if (this.#isClosed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#connect();
    }, this.#waitMs);
    this.#timer.unref();
    this.#waitMs = Math.min(2 * this.#waitMs, retryMs.longest);
  }

  #tell(channel: string, payload: string | null): void {
    for (const hear of this.#listeners.get(channel) ?? []) hear(payload);
  }
}
