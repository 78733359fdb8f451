import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { request as secureRequest } from "node:https";
import { Readable } from "node:stream";

/** One HTTP exchange as it was on the wire: no redirect is followed, nothing is decompressed. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  text(): string;
  json<T = Record<string, unknown>>(): T;
}

export interface Call {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** An array of buffers is sent with chunked transfer encoding, without a Content-Length. */
  readonly body?: string | Uint8Array | readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

/** Unlike fetch, it sends any Host, Origin or encoding, which is what an attacker does. */
function call(url: string, { method, headers = {}, body, signal }: Call = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = url.startsWith("https:") ? secureRequest : request;
  const outgoing = send(
    url,
    { method: method ?? (body === undefined ? "GET" : "POST"), headers, ...(signal ? { signal } : {}) },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: bytes,
          text: () => bytes.toString("utf8"),
          json: <T>() => JSON.parse(bytes.toString("utf8")) as T,
        });
      });
    },
  );
  let answered = false;
  outgoing.on("response", () => {
    answered = true;
  });
  // A server may answer 413 and close before it has read everything: then the answer counts, not the broken pipe.
  outgoing.on("error", (error) => {
    if (!answered) reject(error);
  });
  if (body === undefined) outgoing.end();
  else if (typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
  else Readable.from(body).pipe(outgoing);
  return promise;
}

/** The server of one test file: the URL and what each request to it carries. */
export class Api {
  readonly url: string;
  readonly #headers: OutgoingHttpHeaders;

  constructor(url: string, apiKey?: string) {
    this.url = url.replace(/\/$/, "");
    this.#headers = apiKey === undefined ? {} : { "X-API-Key": apiKey };
  }

  call(path: string, options: Call = {}): Promise<Answer> {
    return call(this.url + path, { ...options, headers: { ...this.#headers, ...options.headers } });
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.call(path, { headers });
  }

  /** A JSON POST; a string is sent as it is, so that a test can send what JSON.stringify never would. */
  post(path: string, body: unknown, options: Omit<Call, "body" | "method"> = {}): Promise<Answer> {
    return this.call(path, {
      ...options,
      method: "POST",
      headers: { "Content-Type": "application/json", ...options.headers },
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
  }

  /** The text of an answer that goes on, such as a stream of events, as it comes; ends with the signal, or breaks, which `onEnd` tells. */
  follow(
    path: string,
    headers: OutgoingHttpHeaders,
    signal: AbortSignal,
    onText: (text: string) => void,
    onEnd: () => void = () => undefined,
  ): void {
    const send = this.url.startsWith("https:") ? secureRequest : request;
    const outgoing = send(this.url + path, { headers: { ...this.#headers, ...headers }, signal }, (incoming) => {
      incoming.setEncoding("utf8").on("data", onText);
      incoming.on("error", () => undefined);
      incoming.on("close", onEnd);
    });
    outgoing.on("error", onEnd);
    outgoing.end();
  }

  compute(body: unknown, options: Omit<Call, "body" | "method"> = {}): Promise<Answer> {
    return this.post("/v1/compute/vietoris-rips", body, options);
  }

  /** The input as a body of its own media type, the parameters in the query string. */
  computeFile(
    body: string | Uint8Array,
    mediaType: string,
    query: Record<string, string | number> = {},
    path = "/v1/compute/vietoris-rips",
  ): Promise<Answer> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return this.call(`${path}${search.size > 0 ? `?${search}` : ""}`, {
      method: "POST",
      headers: { "Content-Type": mediaType },
      body,
    });
  }
}
