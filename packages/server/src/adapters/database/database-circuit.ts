import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { Circuit, type CircuitName, CircuitOpen } from "../../internal/circuit.ts";
import type { Logger } from "../../internal/logger.ts";
import { isConnectionLost, retryAfterSeconds } from "./database-errors.ts";

const pingEveryMs = 500;
const pingLimitMs = 2_000;
/** When this process itself was held up, the answer may be there and not yet read: it gets this long more. */
const graceMs = 100;
const failures = 3;
const halfOpenAfterMs = 250;

/**
 * The circuit of the database: pools under guard hand out no connection while it is open, so that a request is refused at
 * once instead of waiting for a connection, and a ping twice a second on a connection of its own finds that the database is
 * back. A database that takes connections and never answers (a frozen process, a lost route) is found by the same ping: the
 * statements under way are then given up.
 */
export class DatabaseCircuit {
  readonly #circuit: Circuit;
  readonly #connection: pg.ClientConfig;
  readonly #closing = new AbortController();
  readonly #inUse = new Set<pg.PoolClient>();
  #client: pg.Client | null = null;
  #watching: Promise<void> | null = null;

  constructor(connection: pg.ClientConfig, logger: Logger) {
    this.#connection = connection;
    this.#circuit = new Circuit({
      isFailure: isConnectionLost,
      failures,
      halfOpenAfterMs,
      onChange: (state) => {
        logger.warn({ dependency: "database", circuit: state }, "the database's circuit changed");
        if (state === "open") this.#giveUp();
      },
    });
  }

  get state(): CircuitName {
    return this.#circuit.state;
  }

  /** The same pool; its connections now go through the circuit. */
  guard(pool: pg.Pool): pg.Pool {
    const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
    const guarded = (): Promise<pg.PoolClient> => this.#circuit.run(connect).catch((error: Error) => refuse(error));
    pool.connect = ((done?: (error?: Error, client?: pg.PoolClient, release?: () => void) => void) => {
      if (done === undefined) return guarded();
      guarded().then(
        (client) => done(undefined, client, client.release),
        (error: Error) => done(error),
      );
      return undefined;
    }) as typeof pool.connect;
    pool.on("acquire", (client) => this.#inUse.add(client));
    pool.on("release", (_error, client) => this.#inUse.delete(client));
    return pool;
  }

  watch(): void {
    this.#watching ??= this.#watch();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#circuit.probe(() => this.#ping()).catch(() => undefined);
      await sleep(pingEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    await this.#client?.end().catch(() => undefined);
  }

  async #ping(): Promise<void> {
    this.#client ??= await this.#connect();
    const client = this.#client;
    const answered = new AbortController();
    const limit = sleep(pingLimitMs, undefined, { signal: answered.signal, ref: false })
      .then(() => sleep(graceMs, undefined, { signal: answered.signal, ref: false }))
      .then(() => {
        throw new Error("timeout expired: the ping was not answered");
      });
    limit.catch(() => undefined);
    try {
      await Promise.race([client.query("select 1"), limit]);
    } catch (error) {
      this.#client = null;
      // With a statement under way this cuts the connection instead of waiting.
      void client.end().catch(() => undefined);
      throw error;
    } finally {
      answered.abort();
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: "tda-circuit",
      connectionTimeoutMillis: pingLimitMs,
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Ends the connections in use: what waits on them is answered now, and each is made anew by its next user. */
  #giveUp(): void {
    for (const client of this.#inUse) void (client as unknown as pg.Client).end().catch(() => undefined);
  }
}

function refuse(error: Error): never {
  if (!(error instanceof CircuitOpen)) throw error;
  throw new DependencyUnavailable("database", "The database does not answer.", retryAfterSeconds, { cause: error });
}
