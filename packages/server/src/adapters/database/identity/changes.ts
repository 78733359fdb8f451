import pg from "pg";
import type { Logger } from "../../../internal/logger.ts";
import { valueTypes } from "../connection-pool.ts";

/** Carries identifiers of keys, users and sessions that are no longer what servers remember of them. */
export const channel = "tda_identity";
const retryMs = 2_000;

/** Tells every server, when the present transaction commits, to forget what it knows of a key, user or session. */
export async function notifyOfChange(client: pg.ClientBase, id: string): Promise<void> {
  await client.query("select pg_notify($1, $2)", [channel, id]);
}

/**
 * Hears of changed credentials as they commit, on a connection of its own. Without it (a pooler in between, a lost
 * connection) what is remembered ends by its age, within a minute: this only makes it sooner.
 */
export class ChangeListener {
  readonly #connection: pg.ClientConfig;
  readonly #logger: Logger;
  readonly #onChange: (id: string | null) => void;
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** @param onChange Is told the identifier; null: notifications may have been missed. */
  constructor(connection: pg.ClientConfig, logger: Logger, onChange: (id: string | null) => void) {
    this.#connection = connection;
    this.#logger = logger;
    this.#onChange = onChange;
  }

  /** Resolves when it listens, or when the first attempt failed. */
  async start(): Promise<void> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: "tda-changes",
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
      types: valueTypes,
    });
    const lost = (error?: Error): void => {
      if (this.#client === client) this.#client = null;
      this.#again(error);
    };
    client.on("error", lost);
    client.on("end", () => lost());
    client.on("notification", ({ payload }) => this.#onChange(payload ?? null));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      if (this.#isClosed) return await client.end();
      this.#client = client;
      this.#onChange(null);
    } catch (error) {
      await client.end().catch(() => undefined);
      this.#again(error as Error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  #again(error: Error | undefined): void {
    if (this.#isClosed || this.#timer !== null) return;
    this.#logger.debug({ err: error }, "the connection that hears of changed credentials was lost");
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.start();
    }, retryMs).unref();
  }
}
