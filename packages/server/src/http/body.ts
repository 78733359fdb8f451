import type { IncomingMessage } from "node:http";
import { RETRY_AFTER_SECONDS } from "@tda-platform/contract/limits";
import { INPUT_MEDIA_TYPES, MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { BodyBudget, type Reservation } from "./body-budget.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What the request holds of the memory for large bodies; null: it is small. */
    bodyReservation: Reservation | null;
    /** The body was refused, and what is still coming of it is read and thrown away: the connection can live on. */
    isRestDrained: boolean;
  }
}

/** After a refusal this many times the limit are read and thrown away, so that the client gets to read the answer. */
const DRAIN_FACTOR = 4;

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads bodies as they are, into memory, within two limits: each body's and that of all bodies together. What they mean
 * is for the operation to say.
 */
export function registerBodyReader(server: FastifyInstance, limitBytes: number): void {
  const budget = new BodyBudget(limitBytes);
  server.decorateRequest("bodyReservation", null);
  server.decorateRequest("isRestDrained", false);
  server.addHook("preParsing", (request, reply, payload, done) => {
    if (BodyBudget.counts(request.raw.headers)) {
      const reservation = budget.reserve();
      request.bodyReservation = reservation;
      reply.raw.once("close", () => reservation.release());
    }
    done(null, payload);
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    [...INPUT_MEDIA_TYPES, MEDIA_TYPES.form],
    (request: FastifyRequest, payload: IncomingMessage, done: Done) => {
      new BodyReader(request, payload, limitBytes, done).start();
    },
  );
}

class BodyReader {
  readonly #request: FastifyRequest;
  readonly #payload: IncomingMessage;
  readonly #limitBytes: number;
  readonly #done: Done;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #isOver = false;

  constructor(request: FastifyRequest, payload: IncomingMessage, limitBytes: number, done: Done) {
    this.#request = request;
    this.#payload = payload;
    this.#limitBytes = limitBytes;
    this.#done = done;
  }

  start(): void {
    const payload = this.#payload;
    if (Number(this.#request.raw.headers["content-length"] ?? 0) > this.#limitBytes) {
      this.#refuse(this.#tooLarge());
      return;
    }
    payload.on("data", (chunk: Buffer) => this.#take(chunk));
    payload.on("end", () => this.#finish(null, this.#body()));
    payload.on("error", (error) => this.#finish(error));
    payload.on("close", () => {
      if (!this.#isOver) this.#finish(new ProblemError("bad_request", "The body ended before its end."));
    });
  }

  #body(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#received += chunk.length;
    if (this.#received > this.#limitBytes) {
      this.#refuse(this.#tooLarge());
    } else if (this.#request.bodyReservation?.take(chunk.length) === false) {
      const extras = { retryAfterSeconds: RETRY_AFTER_SECONDS };
      this.#refuse(new ProblemError("overloaded", "Too many large requests are being worked on.", extras));
    } else {
      this.#chunks.push(chunk);
    }
  }

  #tooLarge(): ProblemError {
    return new ProblemError("body_too_large", `The body has more than ${this.#limitBytes} bytes.`);
  }

  /** Answers while the rest of the body is still arriving: it is thrown away, up to a bound. */
  #refuse(problem: ProblemError): void {
    this.#request.isRestDrained = true;
    let left = this.#limitBytes * DRAIN_FACTOR;
    this.#payload.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) this.#request.raw.destroy();
    });
    this.#finish(problem);
  }

  #finish(error: Error | null, body?: Buffer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks.length = 0;
    this.#done(error, body);
  }
}
