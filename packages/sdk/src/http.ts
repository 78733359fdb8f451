import type { Problem } from "@tda-platform/contract/problems";
import { ConnectionError, ProblemError, UnexpectedAnswerError } from "./errors.ts";

/** One answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface CallOptions {
  /** Aborting rejects with the signal's reason, and the server drops the computation if nobody else waits for it. */
  readonly signal?: AbortSignal;
  /** Sent as `X-Request-Id`; at most 64 characters of `[A-Za-z0-9._-]`. */
  readonly requestId?: string;
  /** Sees a successful answer as it came, with its headers and exact bytes. */
  readonly onAnswer?: (answer: RawAnswer) => void;
}

export interface Request {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly content: string | Uint8Array<ArrayBuffer> };
  /** May be sent again after a 503. */
  readonly idempotent: boolean;
}

export interface Transport {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly maxRetryWaitMs: number;
}

/**
 * Sends a request and gives the successful answer. A 503 with `Retry-After` is tried again where that is safe; nothing
 * else is.
 */
export async function send(transport: Transport, request: Request, call: CallOptions): Promise<RawAnswer> {
  for (let attempt = 1; ; ++attempt) {
    const answer = await sendOnce(transport, request, call);
    if (answer.status >= 200 && answer.status < 300) {
      call.onAnswer?.(answer);
      return answer;
    }
    const retryAfterSeconds = retryAfter(answer.headers);
    const mayRetry = answer.status === 503 && retryAfterSeconds !== null && request.idempotent;
    if (!mayRetry || attempt >= transport.attempts || retryAfterSeconds * 1000 > transport.maxRetryWaitMs) {
      throw failure(transport.baseUrl + request.path, answer, retryAfterSeconds);
    }
    await pause(retryAfterSeconds * 1000, call.signal);
  }
}

/** Sends a request and gives the body of the successful answer as it arrives. */
export async function sendForStream(
  transport: Transport,
  request: Request,
  call: CallOptions,
): Promise<ReadableStream<Uint8Array>> {
  const response = await fetchOnce(transport, request, call);
  if (response.ok && response.body !== null) return response.body;
  const answer = { status: response.status, headers: response.headers, text: await response.text() };
  throw failure(transport.baseUrl + request.path, answer, retryAfter(response.headers));
}

async function sendOnce(transport: Transport, request: Request, call: CallOptions): Promise<RawAnswer> {
  const response = await fetchOnce(transport, request, call);
  try {
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    call.signal?.throwIfAborted();
    throw new ConnectionError(transport.baseUrl, { cause: error });
  }
}

async function fetchOnce(transport: Transport, request: Request, call: CallOptions): Promise<Response> {
  const url = urlOf(transport, request);
  const headers: Record<string, string> = { accept: "application/json", ...transport.headers, ...request.headers };
  if (request.body !== undefined) headers["content-type"] = request.body.type;
  if (call.requestId !== undefined) headers["x-request-id"] = call.requestId;
  try {
    return await fetch(url, {
      method: request.method,
      headers,
      body: request.body?.content ?? null,
      signal: call.signal ?? null,
      redirect: "error",
    });
  } catch (error) {
    call.signal?.throwIfAborted();
    throw new ConnectionError(transport.baseUrl, { cause: error });
  }
}

/** The body of a stream of events as it comes; null: there is nothing (more) to come. */
export async function openStream(
  transport: Transport,
  path: string,
  headers: Readonly<Record<string, string>>,
  call: CallOptions,
): Promise<ReadableStream<Uint8Array> | null> {
  const url = transport.baseUrl.replace(/\/+$/, "") + path;
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: "text/event-stream", ...transport.headers, ...headers },
      signal: call.signal ?? null,
      redirect: "error",
    });
  } catch (error) {
    call.signal?.throwIfAborted();
    throw new ConnectionError(transport.baseUrl, { cause: error });
  }
  if (response.status === 204) return null;
  if (response.status === 200) return response.body;
  const answer = { status: response.status, headers: response.headers, text: await response.text() };
  throw failure(url, answer, retryAfter(response.headers));
}

function urlOf(transport: Transport, request: Request): URL {
  const url = new URL(transport.baseUrl.replace(/\/+$/, "") + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  return url;
}

function failure(url: string, answer: RawAnswer, retryAfterSeconds: number | null): Error {
  const type = answer.headers.get("content-type") ?? "no content type";
  if (!type.startsWith("application/problem+json")) return new UnexpectedAnswerError(url, answer.status, type);
  return new ProblemError(parseJson<Problem & Record<string, unknown>>(url, answer), retryAfterSeconds);
}

/** The body as JSON; nothing where there is none. */
export function parseJson<Body>(url: string, answer: RawAnswer): Body {
  if (answer.status === 204) return undefined as Body;
  try {
    return JSON.parse(answer.text) as Body;
  } catch (error) {
    throw new UnexpectedAnswerError(url, answer.status, "a body that is not JSON", { cause: error });
  }
}

/** `Retry-After` in seconds, from a number of seconds or a date. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
