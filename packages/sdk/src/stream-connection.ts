import type { Problem } from "@tda-platform/contract/problems";
import type { StreamAccepted, StreamPointBody, StreamResultView } from "@tda-platform/contract/streams";
import { ConnectionError, ProblemError } from "./errors.ts";

interface Waiting {
  resolve(answer: Incoming): void;
  reject(error: unknown): void;
}

type Incoming =
  | ({ readonly type: "accepted"; readonly id: string } & StreamAccepted)
  | { readonly type: "following"; readonly id: string; readonly after: number }
  | { readonly type: "result"; readonly position: number; readonly result: StreamResultView }
  | { readonly type: "problem"; readonly id: string | null; readonly problem: Problem };

/** A WebSocket to a stream. It ends after some minutes, by the server: connect again, and follow from the last position. */
export class StreamConnection {
  readonly #socket: WebSocket;
  readonly #url: string;
  readonly #waiting = new Map<string, Waiting>();
  readonly #results: { readonly position: number; readonly result: StreamResultView }[] = [];
  #wake: () => void = () => undefined;
  #isOpen = true;
  #next = 0;

  /** Rejects with a `ConnectionError` where the server refuses. */
  static async open(url: string): Promise<StreamConnection> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", () => reject(new ConnectionError(url.replace(/\?.*$/, ""))), { once: true });
    });
    return new StreamConnection(socket, url.replace(/\?.*$/, ""));
  }

  private constructor(socket: WebSocket, url: string) {
    this.#socket = socket;
    this.#url = url;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data)) as Incoming));
    socket.addEventListener("close", () => this.#end());
  }

  /** Resolves once the accepted points are durable. Under the same key they are taken once. */
  async push(points: readonly StreamPointBody[], idempotencyKey?: string): Promise<StreamAccepted> {
    const key = idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey };
    const answer = (await this.#ask({ type: "points", points, ...key })) as StreamAccepted;
    return { accepted: answer.accepted, rejected: answer.rejected };
  }

  /** Results as they are stored, after a position or from now on, until the connection ends. */
  async *follow(
    after: number | null = null,
  ): AsyncGenerator<{ readonly position: number; readonly result: StreamResultView }> {
    await this.#ask({ type: "follow", after });
    while (this.#isOpen || this.#results.length > 0) {
      const next = this.#results.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  close(): void {
    this.#socket.close();
  }

  #ask(message: object): Promise<Incoming> {
    if (!this.#isOpen) return Promise.reject(new ConnectionError(this.#url));
    const id = String(this.#next++);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...message, id }));
    });
  }

  #take(message: Incoming): void {
    if (message.type === "result") {
      this.#results.push({ position: message.position, result: message.result });
      this.#wake();
      return;
    }
    const waiting = this.#waiting.get(message.id ?? "");
    this.#waiting.delete(message.id ?? "");
    if (message.type === "problem") waiting?.reject(new ProblemError({ ...message.problem }, null));
    else waiting?.resolve(message);
  }

  #end(): void {
    this.#isOpen = false;
    this.#wake();
    for (const { reject } of this.#waiting.values()) reject(new ConnectionError(this.#url));
    this.#waiting.clear();
  }
}
