import { IDEMPOTENCY_KEY_PATTERN } from "@tda-platform/contract/identifiers";
import { EVENT_STREAM_SECONDS, STREAM_SOCKET_MESSAGES } from "@tda-platform/contract/limits";
import type { WebSocket } from "ws";
import type { Principal } from "../domain/ports.ts";
import { ProblemError } from "../domain/problem.ts";
import { batchIdOf } from "../domain/streams/stream-ingest.ts";
import type { StreamService } from "../domain/streams/stream-service.ts";
import { newId } from "../internal/ids.ts";
import { toProblem } from "./error-handler.ts";

/** A client that answers no ping for so long is gone. */
const PING_MS = 15_000;
/** Close codes of RFC 6455. */
const GOING_AWAY = 1001;
const UNSUPPORTED = 1003;
const POSITION = 1e15;
const KEY = new RegExp(IDEMPOTENCY_KEY_PATTERN);

export interface StreamSocketOptions {
  readonly socket: WebSocket;
  readonly streams: StreamService;
  readonly principal: Principal;
  readonly streamId: string;
  readonly requestId: string;
  readonly traceparent: string | null;
  /** Counts a message as a request. @throws ProblemError `rate_limited` */
  readonly admit: () => Promise<void> | undefined;
}

interface Message {
  readonly type?: unknown;
  /** For the answer to be told apart by. */
  readonly id?: unknown;
  readonly idempotency_key?: unknown;
  readonly points?: unknown;
  readonly after?: unknown;
}

/**
 * Points and live results of one stream over a WebSocket. Bounded: while so many messages are in progress no more are read, and
 * results wait for a client that reads slowly. Ends after some minutes, so that credentials are looked at again.
 */
export class StreamSocket {
  readonly #options: StreamSocketOptions;
  readonly #ended = new AbortController();
  #inProgress = 0;
  #isFollowing = false;
  #isAlive = true;

  constructor(options: StreamSocketOptions) {
    this.#options = options;
    const { socket } = options;
    const ping = setInterval(() => this.#ping(), PING_MS);
    const lifetime = setTimeout(() => socket.close(GOING_AWAY, "come back"), EVENT_STREAM_SECONDS * 1000);
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.on("message", (data, isBinary) => {
      if (isBinary) socket.close(UNSUPPORTED, "messages are text");
      else void this.#take(String(data));
    });
    socket.on("close", () => {
      clearInterval(ping);
      clearTimeout(lifetime);
      this.#ended.abort();
    });
  }

  async #take(text: string): Promise<void> {
    const { socket } = this.#options;
    if (++this.#inProgress >= STREAM_SOCKET_MESSAGES) socket.pause();
    let id: unknown = null;
    try {
      const message = messageOf(text);
      id = message.id ?? null;
      await this.#options.admit();
      await this.#send(JSON.stringify(await this.#do(message)));
    } catch (error) {
      await this.#send(JSON.stringify({ type: "problem", id, problem: this.#problem(error) }));
    } finally {
      if (--this.#inProgress < STREAM_SOCKET_MESSAGES) socket.resume();
    }
  }

  async #do(message: Message): Promise<object> {
    if (message.type === "points") return await this.#push(message);
    if (message.type === "follow") return await this.#follow(message);
    throw new ProblemError("validation_failed", "type must be points or follow.");
  }

  async #push({ id = null, idempotency_key: given, points }: Message): Promise<object> {
    const { streams, principal, streamId, traceparent } = this.#options;
    if (!principal.permissions.has("streams.push")) {
      throw new ProblemError("permission_denied", "The caller may not send points.");
    }
    if (!Array.isArray(points)) throw new ProblemError("validation_failed", "points must be an array.");
    const { stream, batch } = await streams.ingest.open(principal.projectId, streamId);
    for (const point of points) batch.add(point);
    if (given !== undefined && !(typeof given === "string" && KEY.test(given))) {
      throw new ProblemError("invalid_idempotency_key", "idempotency_key must be 1 to 255 printable ASCII characters.");
    }
    const key = given ?? newId("req");
    const batchId = batchIdOf(principal.projectId, streamId, key);
    return { type: "accepted", id, ...(await streams.ingest.push(stream, batch, { batchId, traceparent })) };
  }

  async #follow({ id = null, after = null }: Message): Promise<object> {
    const { streams, principal, streamId } = this.#options;
    if (this.#isFollowing) throw new ProblemError("validation_failed", "The results are followed already.");
    if (after !== null && !(Number.isInteger(after) && (after as number) >= 0 && (after as number) < POSITION)) {
      throw new ProblemError("validation_failed", "after must be the position of a result, or null.");
    }
    const last = await streams.results.lastPosition(principal.projectId, streamId);
    if (last === null) throw new ProblemError("not_found", "There is no such stream.");
    this.#isFollowing = true;
    const from = (after as number | null) ?? last;
    void this.#sendResults(from).catch(() => this.#options.socket.close(GOING_AWAY, "come back"));
    return { type: "following", id, after: from };
  }

  async #sendResults(after: number): Promise<void> {
    const { streams, principal, streamId, socket } = this.#options;
    for await (const results of streams.feed.follow(principal.projectId, streamId, after, this.#ended.signal)) {
      for (const { position, body } of results)
        await this.#send(`{"type":"result","position":${position},"result":${body}}`);
    }
    socket.close(GOING_AWAY, "the stream is gone");
  }

  /** Resolves when it has left, so that nothing piles up. */
  async #send(text: string): Promise<void> {
    const { socket } = this.#options;
    if (this.#ended.signal.aborted) return;
    await new Promise<void>((resolve) => socket.send(text, () => resolve()));
  }

  #problem(error: unknown): object {
    const { code, status, message, places } = toProblem(error);
    const { requestId } = this.#options;
    return { code, status, detail: message, request_id: requestId, ...(places.length === 0 ? {} : { errors: places }) };
  }

  #ping(): void {
    const { socket } = this.#options;
    if (!this.#isAlive) socket.terminate();
    this.#isAlive = false;
    socket.ping();
  }
}

/** @throws ProblemError */
function messageOf(text: string): Message {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    throw new ProblemError("invalid_json", "The message is not JSON.", { cause: error });
  }
  if (typeof message !== "object" || message === null) {
    throw new ProblemError("validation_failed", "A message is an object.");
  }
  return message;
}
