import type { IncomingMessage } from "node:http";
import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import { INPUT_MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";

/** Bodies in memory at once, as a multiple of the largest one allowed. */
const BODIES_AT_ONCE = 8;
/** After a refusal this many more bytes are read and thrown away, so that the client gets to read the answer. */
const DRAIN_FACTOR = 4;

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads bodies as they are, into memory, within two limits: each body's and that of all bodies together. What they mean
 * is for the operation to say.
 */
export function registerBodyReader(server: FastifyInstance, limitBytes: number): void {
  const budget = { left: limitBytes * BODIES_AT_ONCE };
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    [...INPUT_MEDIA_TYPES],
    (request: FastifyRequest, payload: IncomingMessage, done: Done) => {
      new BodyReader(request.raw, payload, limitBytes, budget, done).start();
    },
  );
}

class BodyReader {
  readonly #request: IncomingMessage;
  readonly #payload: IncomingMessage;
  readonly #limitBytes: number;
  readonly #budget: { left: number };
  readonly #done: Done;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #isOver = false;

  constructor(
    request: IncomingMessage,
    payload: IncomingMessage,
    limitBytes: number,
    budget: { left: number },
    done: Done,
  ) {
    this.#request = request;
    this.#payload = payload;
    this.#limitBytes = limitBytes;
    this.#budget = budget;
    this.#done = done;
  }

  start(): void {
    const payload = this.#payload;
    if (Number(this.#request.headers["content-length"] ?? 0) > this.#limitBytes) {
      this.#refuseSize();
      return;
    }
    payload.on("data", (chunk: Buffer) => this.#take(chunk));
    payload.on("end", () =>
      this.#finish(null, this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)),
    );
    payload.on("error", (error) => this.#finish(error));
    payload.on("close", () => {
      if (!this.#isOver) this.#finish(new ProblemError("bad_request", "The body ended before its end."));
    });
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#received += chunk.length;
    this.#budget.left -= chunk.length;
    if (this.#received > this.#limitBytes) {
      this.#refuseSize();
    } else if (this.#budget.left < 0) {
      this.#drain();
      const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS };
      this.#finish(new ProblemError("overloaded", "Too many large requests are arriving.", extras));
    } else {
      this.#chunks.push(chunk);
    }
  }

  #refuseSize(): void {
    this.#drain();
    this.#finish(new ProblemError("body_too_large", `The body has more than ${this.#limitBytes} bytes.`));
  }

  #drain(): void {
    let left = this.#limitBytes * DRAIN_FACTOR;
    this.#payload.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) this.#request.destroy();
    });
  }

  #finish(error: Error | null, body?: Buffer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#budget.left += this.#received;
    this.#chunks.length = 0;
    this.#done(error, body);
  }
}
