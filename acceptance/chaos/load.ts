import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Answer, Api } from "../support/http.ts";

const REQUEST_LIMIT_MS = 5_000;
const PAUSE_MS = 400;
/** Of the first revision of a window; a late point makes the second. */
export const POINTS = 10;
export const WINDOW_MS = 1_000;

type Point = { readonly t: number; readonly v: readonly number[] };

/** Servers of one platform, of which any may be away: what is asked is asked again until one answers. */
export class Servers {
  readonly #urls: readonly string[];
  readonly #apiKey: string;
  #turn = 0;

  constructor(urls: readonly string[], apiKey: string) {
    this.#urls = urls;
    this.#apiKey = apiKey;
  }

  next(): Api {
    return new Api(this.#urls[this.#turn++ % this.#urls.length]!, this.#apiKey);
  }

  /**
   * The first answer of an instance that could: no 503, no cut connection, and not that another one has the same request at hand. The
   * headers are the same each time, so an idempotency key makes it one request.
   */
  async ask(
    path: string,
    method: "GET" | "POST",
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    for (;;) {
      try {
        const answer = await this.next().call(path, {
          method,
          headers: { ...(body && { "Content-Type": "application/json" }), ...headers },
          ...(body && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
        });
        if (answer.status !== 503 && !answer.text().includes('"idempotency_in_progress"')) return answer;
      } catch {
        // Cut off, refused or frozen: whether it was done is not known.
      }
      await sleep(100);
    }
  }
}

/** Loops of a radius that no other window has. */
export function pointsOf(key: number, window: number): Point[] {
  const radius = 1 + window + 1_000 * key;
  return Array.from({ length: POINTS }, (_, i) => ({
    t: window * WINDOW_MS + 90 * i,
    v: [radius * Math.cos(i * 0.7), radius * Math.sin(i * 0.7)],
  }));
}

/** It comes after the points of the next window. */
export const lateOf = (key: number, window: number): Point => ({
  t: (window + 1) * WINDOW_MS - 1,
  v: [key / 7, window / 7],
});

/** Steady points of some keys, each key's one request after the other, until it is told to end. */
export class Load {
  /** Windows of each key whose points were acknowledged. */
  readonly windows: number[];
  readonly #servers: Servers;
  readonly #stream: string;
  readonly #ending = new AbortController();
  /** Why it ended early. */
  failure: unknown = null;
  readonly #running: Promise<unknown>;

  constructor(servers: Servers, stream: string, keys: number) {
    this.#servers = servers;
    this.#stream = stream;
    this.windows = Array.from({ length: keys }, () => 0);
    this.#running = Promise.all(this.windows.map((_, key) => this.#run(key)));
    this.#running.catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Results of what was acknowledged so far, without a flush: two revisions of all windows but the last of each key. */
  get due(): number {
    return this.windows.reduce((sum, windows) => sum + 2 * Math.max(0, windows - 1), 0);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(key: number): Promise<void> {
    for (let window = 0; !this.#ending.signal.aborted; window++) {
      const points = [...pointsOf(key, window), ...(window > 0 ? [lateOf(key, window - 1)] : [])];
      const answer = await this.#servers.ask(
        `/v1/streams/${this.#stream}/points`,
        "POST",
        { points: points.map((point) => ({ ...point, key: `k${key}` })) },
        { "Idempotency-Key": `${this.#stream}-${key}-${window}` },
      );
      expect([answer.status, answer.text()]).toEqual([202, `{"accepted":${points.length},"rejected":[]}`]);
      this.windows[key] = window + 1;
      await sleep(PAUSE_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }
}

export interface Result {
  readonly key: string;
  readonly window_start: string;
  readonly revision: number;
  readonly points: number;
  readonly diagrams: readonly (readonly (readonly [number, number | null])[])[];
}

/** Follows a stream's results from the first on, as a browser does: whenever the connection ends, from the last position on. */
export class Follower {
  /** By position. A result that came twice is here twice. */
  readonly results: { readonly position: number; readonly result: Result }[] = [];
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(servers: Servers, stream: string) {
    this.#running = this.#run(servers, stream);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(servers: Servers, stream: string): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#connection(servers.next(), stream);
      await sleep(200);
    }
  }

  /** Until it breaks, or nothing has come for a while: a frozen server does not say that it is. */
  #connection(api: Api, stream: string): Promise<void> {
    const over = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const limit = setInterval(() => leaving.abort(), 15_000);
    let text = "";
    const headers = { "Last-Event-ID": String(this.results.at(-1)?.position ?? 0) };
    leaving.signal.addEventListener("abort", () => over.resolve());
    this.#ending.signal.addEventListener("abort", () => leaving.abort(), { signal: leaving.signal });
    api.follow(
      `/v1/streams/${stream}/results/live`,
      headers,
      leaving.signal,
      (piece) => {
        if (leaving.signal.aborted) return;
        limit.refresh();
        const blocks = (text + piece).split("\n\n");
        text = blocks.pop()!;
        for (const block of blocks) this.#take(block);
      },
      over.resolve,
    );
    return over.promise.finally(() => {
      clearInterval(limit);
      leaving.abort();
    });
  }

  #take(block: string): void {
    const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
    if (fields.event === "result") {
      this.results.push({ position: Number(fields.id), result: JSON.parse(fields.data) as Result });
    }
  }
}
