import type { ServerResponse } from "node:http";
import { EVENT_STREAM_LIMIT, EVENT_STREAM_SECONDS, RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply } from "fastify";
import { ProblemError } from "../domain/problem.ts";

/** Proxies close what is quiet for longer, commonly a minute. */
const HEARTBEAT_MS = 15_000;
/** A client that takes nothing for so long is given up; it comes back with the id of the last event that it saw. */
const STALLED_MS = 30_000;
/** How soon a browser comes back. */
const RETRY_MS = 1_000;

/** One event, as the HTML standard writes them. `data` is JSON, which has no line ends. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** The streams of server-sent events of this process: bounded in number, in time, and in what waits for a slow client. */
export class EventStreams {
  readonly #headers: readonly string[];
  readonly #open = new Set<EventStream>();
  readonly #limit: number;
  #isClosed = false;

  constructor(headers: Readonly<Record<string, string>>, limit: number = EVENT_STREAM_LIMIT) {
    this.#headers = Object.entries(headers).flat();
    this.#limit = limit;
  }

  /** Begins the answer. @throws ProblemError before anything is sent. */
  open(reply: FastifyReply, requestId: string): EventStream {
    const retryAfterSeconds = RETRY_AFTER_SECONDS;
    if (this.#isClosed) throw new ProblemError("shutting_down", "The server is stopping.", { retryAfterSeconds });
    if (this.#open.size >= this.#limit) {
      throw new ProblemError("overloaded", "As many streams are open as the server admits.", { retryAfterSeconds });
    }
    // Of CORS, which hooks have set.
    const own = Object.entries(reply.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
    const { raw } = reply.hijack();
    raw.writeHead(200, [
      ...this.#headers,
      ...own,
      "content-type",
      MEDIA_TYPES.events,
      "x-request-id",
      requestId,
      "x-accel-buffering",
      "no",
    ]);
    const stream = new EventStream(raw, () => this.#open.delete(stream));
    this.#open.add(stream);
    return stream;
  }

  /** Ends every stream: clients come back, to another server. */
  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#open]) stream.end();
  }
}

export class EventStream {
  readonly #raw: ServerResponse;
  readonly #controller = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #lifetime: NodeJS.Timeout;

  constructor(raw: ServerResponse, onEnd: () => void) {
    this.#raw = raw;
    raw.write(`retry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => {
      if (!raw.writableNeedDrain) raw.write(": still here\n\n");
    }, HEARTBEAT_MS);
    // Whoever comes back is authenticated again: no revoked credential keeps a stream for longer.
    this.#lifetime = setTimeout(() => this.end(), EVENT_STREAM_SECONDS * 1000);
    raw.once("close", () => {
      clearInterval(this.#heartbeat);
      clearTimeout(this.#lifetime);
      onEnd();
      this.#controller.abort();
    });
    if (raw.destroyed) raw.emit("close");
  }

  /** Fires when the stream has ended, whoever ended it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  send({ id, event, data }: ServerEvent): Promise<void> {
    return this.sendText(id, event, JSON.stringify(data));
  }

  /** Of data that is JSON already. Resolves when there is room for the next: nothing piles up for a client that reads slowly. */
  async sendText(id: string, event: string, data: string): Promise<void> {
    const raw = this.#raw;
    if (this.signal.aborted || raw.writableEnded) return;
    if (raw.write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)) return;
    await new Promise<void>((resolve) => {
      const stalled = setTimeout(() => raw.destroy(), STALLED_MS);
      const go = () => {
        clearTimeout(stalled);
        raw.off("drain", go);
        this.signal.removeEventListener("abort", go);
        resolve();
      };
      raw.once("drain", go);
      this.signal.addEventListener("abort", go, { once: true });
    });
  }

  end(): void {
    if (!this.#raw.writableEnded) this.#raw.end();
    this.#controller.abort();
  }
}
