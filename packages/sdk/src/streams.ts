import type { Ticket } from "@tda-platform/contract/identity-schemas";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import type {
  Stream,
  StreamAccepted,
  StreamChangeRequest,
  StreamFlushed,
  StreamPointBody,
  StreamRedriven,
  StreamRedriveRequest,
  StreamRejected,
  StreamRejectedQuery,
  StreamReplayed,
  StreamRequest,
  StreamResultsQuery,
  StreamResultView,
} from "@tda-platform/contract/streams";
import { ConnectionError, ProblemError } from "./errors.ts";
import { type CallOptions, openStream, parseJson, pause, type Request, send, type Transport } from "./http.ts";
import { readEvents } from "./server-events.ts";
import { StreamConnection } from "./stream-connection.ts";

export interface LiveResult {
  /** Ascends by one in a stream. */
  readonly position: number;
  readonly result: StreamResultView;
}

export interface LiveOptions extends CallOptions {
  /** Results after this position; from now on unless told. */
  readonly after?: number;
}

export interface PushOptions extends CallOptions {
  /** Makes repeated requests one; a new one unless told. */
  readonly idempotencyKey?: string;
}

/** Points as they come, and the topology of their windows. */
export interface StreamsClient {
  create(request: StreamRequest, call?: CallOptions): Promise<Stream>;
  list(query?: PageQuery, call?: CallOptions): Promise<Page<Stream>>;
  read(id: string, call?: CallOptions): Promise<Stream>;
  update(id: string, change: StreamChangeRequest, call?: CallOptions): Promise<Stream>;
  delete(id: string, call?: CallOptions): Promise<void>;
  /** Resolves once the accepted points are durable. What is sent again for a 503 is taken once. At most 100,000. */
  push(id: string, points: readonly StreamPointBody[], options?: PushOptions): Promise<StreamAccepted>;
  /** Closes the open windows of every key. */
  flush(id: string, call?: CallOptions): Promise<StreamFlushed>;
  pause(id: string, call?: CallOptions): Promise<Stream>;
  resume(id: string, call?: CallOptions): Promise<Stream>;
  /** Of a paused stream: its points from an event time (RFC 3339) on, under a new version of the definition. */
  replay(id: string, from: string, call?: CallOptions): Promise<StreamReplayed>;
  /** The last revision of each window, newest window first, unless told. */
  results(id: string, query?: StreamResultsQuery, call?: CallOptions): Promise<Page<StreamResultView>>;
  rejected(id: string, query?: StreamRejectedQuery, call?: CallOptions): Promise<Page<StreamRejected>>;
  /** Sends rejected points once more. */
  redrive(id: string, request: StreamRedriveRequest, call?: CallOptions): Promise<StreamRedriven>;
  /** Results as they are stored, without end. A lost connection is made again, and nothing is missed or told twice. */
  follow(id: string, options?: LiveOptions): AsyncGenerator<LiveResult>;
  /** A WebSocket, for many small pushes and live results at once. */
  connect(id: string, call?: CallOptions): Promise<StreamConnection>;
}

const RECONNECT_MS = { first: 200, longest: 5_000 } as const;

export function createStreamsClient(transport: Transport): StreamsClient {
  const call = async <Body>(request: Request, options: CallOptions = {}): Promise<Body> =>
    parseJson<Body>(transport.baseUrl + request.path, await send(transport, request, options));
  const pathOf = (id: string, rest = ""): string => `/v1/streams/${encodeURIComponent(id)}${rest}`;
  const get = <Body>(path: string, query: object, options?: CallOptions): Promise<Body> => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const texts = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
    return call<Body>({ method: "GET", path, query: texts, idempotent: true }, options);
  };
  const sendJson = <Body>(
    method: "POST" | "PATCH",
    path: string,
    content: unknown,
    options?: CallOptions,
    key?: string,
  ): Promise<Body> => {
    const body = { type: "application/json", content: JSON.stringify(content) };
    const headers = key === undefined ? {} : { headers: { "idempotency-key": key } };
    return call<Body>({ method, path, body, ...headers, idempotent: key !== undefined }, options);
  };
  const act = <Body>(path: string, options?: CallOptions): Promise<Body> =>
    call<Body>({ method: "POST", path, idempotent: true }, options);

  async function* follow(id: string, options: LiveOptions = {}): AsyncGenerator<LiveResult> {
    let after = options.after ?? null;
    for (let waitMs: number = RECONNECT_MS.first; ; ) {
      try {
        const headers: Record<string, string> = after === null ? {} : { "last-event-id": String(after) };
        const stream = await openStream(transport, pathOf(id, "/results/live"), headers, options);
        if (stream === null) return;
        for await (const { id: position, event, data } of readEvents(stream)) {
          after = Number(position);
          waitMs = RECONNECT_MS.first;
          if (event === "result") yield { position: after, result: JSON.parse(data) as StreamResultView };
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        const mayRetry = error instanceof ConnectionError || (error instanceof ProblemError && error.status === 503);
        if (!mayRetry && !(error instanceof TypeError)) throw error;
      }
      await pause(waitMs, options.signal);
      waitMs = Math.min(2 * waitMs, RECONNECT_MS.longest);
    }
  }

  return {
    create: (request, options) => sendJson("POST", "/v1/streams", request, options, crypto.randomUUID()),
    list: (query = {}, options) => get("/v1/streams", query, options),
    read: (id, options) => get(pathOf(id), {}, options),
    update: (id, change, options) => sendJson("PATCH", pathOf(id), change, options),
    delete: (id, options) => call({ method: "DELETE", path: pathOf(id), idempotent: true }, options),
    push: (id, points, options = {}) =>
      sendJson("POST", pathOf(id, "/points"), { points }, options, options.idempotencyKey ?? crypto.randomUUID()),
    flush: (id, options) => act(pathOf(id, "/flush"), options),
    pause: (id, options) => act(pathOf(id, "/pause"), options),
    resume: (id, options) => act(pathOf(id, "/resume"), options),
    replay: (id, from, options) => sendJson("POST", pathOf(id, "/replay"), { from }, options),
    results: (id, query = {}, options) => get(pathOf(id, "/results"), query, options),
    rejected: (id, query = {}, options) => get(pathOf(id, "/rejected"), query, options),
    redrive: (id, request, options) => sendJson("POST", pathOf(id, "/rejected/redrive"), request, options),
    follow,
    connect: async (id, options) => {
      const path = pathOf(id, "/ws");
      const { ticket } = await sendJson<Ticket>("POST", "/v1/tickets", { path }, options);
      const url = `${transport.baseUrl.replace(/\/+$/, "").replace(/^http/, "ws")}${path}?ticket=${encodeURIComponent(ticket)}`;
      return await StreamConnection.open(url);
    },
  };
}
