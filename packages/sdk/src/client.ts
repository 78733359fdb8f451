import type { CircularRequest, CircularResult } from "@tda-platform/contract/circular-coordinates";
import type { RipsRequest } from "@tda-platform/contract/compute-input";
import type { EstimateResult, RipsResult } from "@tda-platform/contract/compute-results";
import type { Dependencies, Limits, Live, Ready, Version } from "@tda-platform/contract/service-schemas";
import { type DatasetsClient, datasetsClient } from "./datasets.ts";
import { type CallOptions, parseJson, type Request, send, type Transport } from "./http.ts";
import { type RawRipsRequest, ripsHttpRequest } from "./rips-request.ts";

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8000`. */
  readonly baseUrl: string;
  /** Sent as `X-API-Key`. */
  readonly apiKey?: string;
  /** Attempts in all at a call that is answered 503 with `Retry-After`; 3 unless told. */
  readonly attempts?: number;
  /** A `Retry-After` beyond this is not waited for; 30,000 unless told. */
  readonly maxRetryWaitMs?: number;
}

/**
 * The operations of a server. Each rejects with `ProblemError` (the server's answer), `ConnectionError` (no answer),
 * `UnexpectedAnswerError` (not our server) or the reason of the caller's signal.
 */
export interface TdaClient {
  /** Persistence diagrams of points or distances: `diagrams[k]` lists [birth, death] of dimension k, null = never. */
  computeVietorisRips(request: RipsRequest | RawRipsRequest, call?: CallOptions): Promise<RipsResult>;
  /** A coordinate on the circle for each point, from one bar of dimension 1. */
  circularCoordinates(request: CircularRequest, call?: CallOptions): Promise<CircularResult>;
  /** What the same request would cost. */
  estimateVietorisRips(request: RipsRequest | RawRipsRequest, call?: CallOptions): Promise<EstimateResult>;
  readonly datasets: DatasetsClient;
  live(call?: CallOptions): Promise<Live>;
  /** Rejects with a `ProblemError` of code `not_ready` while the server is not ready. */
  ready(call?: CallOptions): Promise<Ready>;
  dependencies(call?: CallOptions): Promise<Dependencies>;
  version(call?: CallOptions): Promise<Version>;
  limits(call?: CallOptions): Promise<Limits>;
}

export function createClient(options: ClientOptions): TdaClient {
  const transport: Transport = {
    baseUrl: options.baseUrl,
    headers: options.apiKey === undefined ? {} : { "x-api-key": options.apiKey },
    attempts: options.attempts ?? 3,
    maxRetryWaitMs: options.maxRetryWaitMs ?? 30_000,
  };
  const call = async <Body>(request: Request, callOptions: CallOptions = {}): Promise<Body> =>
    parseJson<Body>(transport.baseUrl + request.path, await send(transport, request, callOptions));
  const get = <Body>(path: string, callOptions?: CallOptions): Promise<Body> =>
    call<Body>({ method: "GET", path, idempotent: true }, callOptions);

  return {
    computeVietorisRips: (request, options) => call(ripsHttpRequest("/v1/compute/vietoris-rips", request), options),
    circularCoordinates: (request, options) => {
      const body = { type: "application/json", content: JSON.stringify(request) };
      return call({ method: "POST", path: "/v1/compute/circular-coordinates", body, idempotent: true }, options);
    },
    estimateVietorisRips: (request, options) => call(ripsHttpRequest("/v1/compute/estimate", request), options),
    datasets: datasetsClient(transport),
    live: (options) => get("/health/live", options),
    ready: (options) => get("/health/ready", options),
    dependencies: (options) => get("/health/dependencies", options),
    version: (options) => get("/v1/version", options),
    limits: (options) => get("/v1/limits", options),
  };
}
