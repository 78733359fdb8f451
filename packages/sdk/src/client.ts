import type { CircularRequest, CircularResult } from "@tda-platform/contract/circular-coordinates";
import type { RipsRequest } from "@tda-platform/contract/compute-input";
import type { EstimateResult, RipsResult } from "@tda-platform/contract/compute-results";
import type { Erasure } from "@tda-platform/contract/erasures";
import type { Job } from "@tda-platform/contract/jobs";
import type { Dependencies, Limits, Live, Ready, Version } from "@tda-platform/contract/service-schemas";
import { type DatasetsClient, datasetsClient } from "./datasets.ts";
import { type CallOptions, parseJson, type RawAnswer, type Request, send, type Transport } from "./http.ts";
import { type IdentityClient, identityClient } from "./identity.ts";
import { createJobsClient, type JobsClient } from "./jobs.ts";
import { type RawRipsRequest, ripsHttpRequest } from "./rips-request.ts";
import { createStreamsClient, type StreamsClient } from "./streams.ts";

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8000`. */
  readonly baseUrl: string;
  /** Sent as `X-API-Key`. */
  readonly apiKey?: string;
  /** Sent as `Authorization: Bearer`, in place of a key. */
  readonly accessToken?: string;
  /** The project to enter, of those that the bearer is a member of; the token's own unless told. */
  readonly projectId?: string;
  /** Attempts in all at a call that is answered 503 with `Retry-After`; 3 unless told. */
  readonly attempts?: number;
  /** A `Retry-After` beyond this is not waited for; 30,000 unless told. */
  readonly maxRetryWaitMs?: number;
}

/**
 * The operations of a server. Each rejects with `ProblemError` (the server's answer), `ConnectionError` (no answer),
 * `UnexpectedAnswerError` (not our server) or the reason of the caller's signal.
 */
export interface TdaClient extends IdentityClient {
  readonly jobs: JobsClient;
  /**
   * Persistence diagrams of points or distances: `diagrams[k]` lists [birth, death] of dimension k, null = never. What the
   * server does not answer at once it computes as a job, whose end is waited for; aborting cancels it.
   */
  computeVietorisRips(request: RipsRequest | RawRipsRequest, call?: CallOptions): Promise<RipsResult>;
  /** A coordinate on the circle for each point, from one bar of dimension 1. */
  circularCoordinates(request: CircularRequest, call?: CallOptions): Promise<CircularResult>;
  /** What the same request would cost. */
  estimateVietorisRips(request: RipsRequest | RawRipsRequest, call?: CallOptions): Promise<EstimateResult>;
  readonly datasets: DatasetsClient;
  readonly streams: StreamsClient;
  live(call?: CallOptions): Promise<Live>;
  /** Rejects with a `ProblemError` of code `not_ready` while the server is not ready. */
  ready(call?: CallOptions): Promise<Ready>;
  dependencies(call?: CallOptions): Promise<Dependencies>;
  version(call?: CallOptions): Promise<Version>;
  limits(call?: CallOptions): Promise<Limits>;
  /** Begins to erase a project, for good; the name has to be the project's. Asking again gives the same erasure. */
  eraseProject(projectId: string, confirmName: string, call?: CallOptions): Promise<Erasure>;
  /** How far an erasure has come. */
  erasure(erasureId: string, call?: CallOptions): Promise<Erasure>;
}

/** The result of a job that a request has become. */
async function resultOf(jobs: JobsClient, { job_id }: Job, options: CallOptions): Promise<RipsResult> {
  const { onAnswer: _onAnswer, ...rest } = options;
  try {
    await jobs.wait(job_id, rest);
  } catch (error) {
    // Nobody waits for it any more.
    if (options.signal?.aborted === true) await jobs.cancel(job_id).catch(() => undefined);
    throw error;
  }
  return (await jobs.result(job_id, options)) as RipsResult;
}

export function createClient(options: ClientOptions): TdaClient {
  const transport: Transport = {
    baseUrl: options.baseUrl,
    headers: {
      ...(options.apiKey === undefined ? {} : { "x-api-key": options.apiKey }),
      ...(options.accessToken === undefined ? {} : { authorization: `Bearer ${options.accessToken}` }),
      ...(options.projectId === undefined ? {} : { "x-project-id": options.projectId }),
    },
    attempts: options.attempts ?? 3,
    maxRetryWaitMs: options.maxRetryWaitMs ?? 30_000,
  };
  const call = async <Body>(request: Request, callOptions: CallOptions = {}): Promise<Body> =>
    parseJson<Body>(transport.baseUrl + request.path, await send(transport, request, callOptions));
  const get = <Body>(path: string, callOptions?: CallOptions): Promise<Body> =>
    call<Body>({ method: "GET", path, idempotent: true }, callOptions);

  const jobs = createJobsClient(transport);
  return {
    ...identityClient(call),
    jobs,
    computeVietorisRips: async (request, options = {}) => {
      let status = 0;
      const onAnswer = (answer: RawAnswer): void => {
        status = answer.status;
        if (status !== 202) options.onAnswer?.(answer);
      };
      const sent = ripsHttpRequest("/v1/compute/vietoris-rips", request);
      const answer = await call<RipsResult | Job>(sent, { ...options, onAnswer });
      return status === 202 ? await resultOf(jobs, answer as Job, options) : (answer as RipsResult);
    },
    circularCoordinates: (request, options) => {
      const body = { type: "application/json", content: JSON.stringify(request) };
      return call({ method: "POST", path: "/v1/compute/circular-coordinates", body, idempotent: true }, options);
    },
    estimateVietorisRips: (request, options) => call(ripsHttpRequest("/v1/compute/estimate", request), options),
    datasets: datasetsClient(transport),
    streams: createStreamsClient(transport),
    live: (options) => get("/health/live", options),
    ready: (options) => get("/health/ready", options),
    dependencies: (options) => get("/health/dependencies", options),
    version: (options) => get("/v1/version", options),
    limits: (options) => get("/v1/limits", options),
    eraseProject: (projectId, confirmName, options) => {
      const body = { type: "application/json", content: JSON.stringify({ confirm_name: confirmName }) };
      const path = `/v1/projects/${encodeURIComponent(projectId)}`;
      return call({ method: "DELETE", path, body, idempotent: true }, options);
    },
    erasure: (erasureId, options) => get(`/v1/erasures/${encodeURIComponent(erasureId)}`, options),
  };
}
