import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { Circuit, type CircuitName } from "../../internal/circuit.ts";
import type { Logger } from "../../internal/logger.ts";

/** Redis answers in a fraction of a millisecond: one that takes this long is no help to a cache. */
const COMMAND_TIMEOUT_MS = 50;
const connectTimeoutMs = 1_000;
const reconnectAtMostMs = 1_000;
const pingEveryMs = 500;
const CHANNEL = "tda:invalidate";
const failures = 5;
const halfOpenAfterMs = 250;

/**
 * A connection for commands and one for messages to one Redis server, behind a circuit. Nothing waits for a Redis that is
 * gone: no command is queued while there is no connection, each has 50 ms, and after five failures in a row none is
 * attempted until a ping, twice a second, is answered.
 */
export class RedisConnection {
  readonly #commands: Redis;
  readonly #messages: Redis;
  readonly #circuit: Circuit;
  readonly #closing = new AbortController();
  readonly #heard = Promise.withResolvers<void>();
  #onGap: () => void = () => undefined;
  #pinging: Promise<void> = Promise.resolve();
  #latencyMs: number | null = null;

  private constructor(url: string, logger: Logger, commandTimeout: number) {
    this.#circuit = new Circuit({
      // An error that the server answers with (out of memory, read-only) fails the one command.
      isFailure: (error) => !isReply(error),
      failures,
      halfOpenAfterMs,
      onChange: (state) => logger.warn({ dependency: "cache", circuit: state }, "the cache's circuit changed"),
    });
    const options = {
      replyMapping: "legacy" as const,
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: connectTimeoutMs,
      retryStrategy: (attempt: number) => Math.min(attempt * 100, reconnectAtMostMs),
    };
    this.#commands = new Redis(url, { ...options, commandTimeout, connectionName: "tda-server" });
    this.#messages = new Redis(url, { ...options, connectionName: "tda-messages" });
    this.#messages.on("ready", () => {
      this.#messages.subscribe(CHANNEL).then(
        () => {
          this.#onGap();
          this.#heard.resolve();
        },
        () => undefined,
      );
    });
    for (const each of [this.#commands, this.#messages]) {
      each.on("error", (error: Error) => logger.debug({ err: error }, "a connection to Redis failed"));
    }
  }

  /** Connects in the background, and waits for it a second at most: a server starts without Redis too. */
  static async open(url: string, logger: Logger, commandTimeoutMs = COMMAND_TIMEOUT_MS): Promise<RedisConnection> {
    const connection = new RedisConnection(url, logger, commandTimeoutMs);
    const { promise: heard } = connection.#heard;
    const connecting = Promise.all([connection.#commands.connect(), connection.#messages.connect(), heard]);
    const timer = new AbortController();
    const limit = sleep(connectTimeoutMs, undefined, { signal: timer.signal, ref: false });
    await Promise.race([connecting, limit]).catch(() => undefined);
    timer.abort();
    connecting.catch(() => undefined);
    limit.catch(() => undefined);
    if (connection.#commands.status !== "ready")
      logger.warn("Redis does not answer: caches and limits are this server's own");
    await connection.#pingOnce();
    connection.#pinging = connection.#ping();
    return connection;
  }

  get state(): CircuitName {
    return this.#circuit.state;
  }

  get isClosed(): boolean {
    return this.#circuit.isClosed;
  }

  /** Of the last answered ping; null: the last was not. */
  get latencyMs(): number | null {
    return this.#latencyMs;
  }

  /** @throws CircuitOpen; what ioredis throws. */
  run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#circuit.run(() => command(this.#commands));
  }

  /** `onGap`: messages may have been missed, since the connection was lost meanwhile; they are heard again. */
  listen(onMessage: (text: string) => void, onGap: () => void): void {
    this.#messages.on("message", (_channel: string, text: string) => onMessage(text));
    this.#onGap = onGap;
  }

  /** Tells all instances. */
  async publish(text: string): Promise<void> {
    await this.run((redis) => redis.publish(CHANNEL, text));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pinging;
    this.#commands.disconnect();
    this.#messages.disconnect();
  }

  async #ping(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(pingEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#pingOnce();
    }
  }

  async #pingOnce(): Promise<void> {
    const start = performance.now();
    this.#latencyMs = await this.#circuit
      .probe(() => this.#commands.ping())
      .then(
        () => performance.now() - start,
        () => null,
      );
  }
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
