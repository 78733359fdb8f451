import type { CircularResult } from "@tda-platform/contract/circular-coordinates";
import type { RipsRequest } from "@tda-platform/contract/compute-input";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import {
  isFinal,
  type Job,
  type JobBatch,
  type JobCancelRequest,
  type JobCancelResult,
  type JobEventBody,
  type JobEventType,
  type JobListQuery,
  type JobRequest,
} from "@tda-platform/contract/jobs";
import type { Page } from "@tda-platform/contract/pages";
import { ConnectionError, ProblemError } from "./errors.ts";
import { type CallOptions, openStream, parseJson, pause, type Request, send, type Transport } from "./http.ts";
import { type RawRipsRequest, ripsHttpRequest } from "./rips-request.ts";
import { readEvents } from "./server-events.ts";

export interface JobEvent {
  /** Ascends by one. */
  readonly version: number;
  readonly type: JobEventType;
  readonly body: JobEventBody;
}

export interface FollowOptions extends CallOptions {
  /** Events after this one; all unless told. */
  readonly after?: number;
}

/** Computations that nobody waits for. */
export interface JobsClient {
  submit(request: JobRequest, call?: CallOptions): Promise<Job>;
  /** A computation's input as the bytes of a file, with its parameters. */
  submitVietorisRips(request: RipsRequest | RawRipsRequest, call?: CallOptions): Promise<Job>;
  /** Each item is taken or refused for itself. */
  submitBatch(jobs: readonly JobRequest[], call?: CallOptions): Promise<JobBatch>;
  read(id: string, call?: CallOptions): Promise<Job>;
  list(query?: JobListQuery, call?: CallOptions): Promise<Page<Job>>;
  /** Rejects with a `ProblemError` of code `job_not_finished`, `job_failed`, `job_cancelled` or `job_result_expired`. */
  result(id: string, call?: CallOptions): Promise<RipsResult | CircularResult>;
  cancel(id: string, call?: CallOptions): Promise<Job>;
  cancelMany(request: JobCancelRequest, call?: CallOptions): Promise<JobCancelResult>;
  redrive(id: string, call?: CallOptions): Promise<Job>;
  /** The job's events until its end. A lost connection is made again, and nothing is missed or told twice. */
  follow(id: string, options?: FollowOptions): AsyncGenerator<JobEvent>;
  /** The job once it has ended, however. */
  wait(id: string, call?: CallOptions): Promise<Job>;
}

const RECONNECT_MS = { first: 200, longest: 5_000 } as const;

export function createJobsClient(transport: Transport): JobsClient {
  const call = async <Body>(request: Request, options: CallOptions = {}): Promise<Body> =>
    parseJson<Body>(transport.baseUrl + request.path, await send(transport, request, options));
  const get = <Body>(path: string, options?: CallOptions, query: Record<string, string> = {}): Promise<Body> =>
    call<Body>({ method: "GET", path, query, idempotent: true }, options);
  const post = <Body>(path: string, content: unknown, options?: CallOptions): Promise<Body> => {
    const body = { type: "application/json", content: JSON.stringify(content) };
    // A 503 says that nothing was stored, or not whether: another try could make a second job.
    return call<Body>({ method: "POST", path, body, idempotent: false }, options);
  };
  const act = <Body>(path: string, options?: CallOptions): Promise<Body> =>
    call<Body>({ method: "POST", path, idempotent: true }, options);

  async function* follow(id: string, options: FollowOptions = {}): AsyncGenerator<JobEvent> {
    const path = `/v1/jobs/${encodeURIComponent(id)}/events`;
    let after = options.after ?? 0;
    for (let waitMs: number = RECONNECT_MS.first; ; ) {
      try {
        const stream = await openStream(transport, path, { "last-event-id": String(after) }, options);
        if (stream === null) return;
        for await (const { id: version, event, data } of readEvents(stream)) {
          after = Number(version);
          waitMs = RECONNECT_MS.first;
          yield { version: after, type: event as JobEventType, body: JSON.parse(data) as JobEventBody };
        }
      } catch (error) {
        options.signal?.throwIfAborted();
        const mayRetry = error instanceof ConnectionError || (error instanceof ProblemError && error.status === 503);
        if (!mayRetry && !(error instanceof TypeError)) throw error;
      }
      // An end of the job is told by the server when it is asked for what comes after it.
      await pause(waitMs, options.signal);
      waitMs = Math.min(2 * waitMs, RECONNECT_MS.longest);
    }
  }

  const read = (id: string, options?: CallOptions) => get<Job>(`/v1/jobs/${encodeURIComponent(id)}`, options);

  return {
    submit: (request, options) => post("/v1/jobs/compute", request, options),
    submitVietorisRips: (request, options) => {
      const sent = ripsHttpRequest("/v1/compute/vietoris-rips", request);
      return call({ ...sent, headers: { prefer: "respond-async" }, idempotent: false }, options);
    },
    submitBatch: (jobs, options) => post("/v1/jobs/batch", { jobs }, options),
    read,
    list: (query = {}, options) => {
      const given = Object.entries(query).filter(([, value]) => value !== undefined);
      return get("/v1/jobs", options, Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
    },
    result: (id, options) => get(`/v1/jobs/${encodeURIComponent(id)}/result`, options),
    cancel: (id, options) => act(`/v1/jobs/${encodeURIComponent(id)}/cancel`, options),
    cancelMany: (request, options) => post("/v1/jobs/cancel", request, options),
    redrive: (id, options) => act(`/v1/jobs/${encodeURIComponent(id)}/redrive`, options),
    follow,
    wait: async (id, options = {}) => {
      let job = await read(id, options);
      while (!isFinal(job.status)) {
        for await (const { body } of follow(id, options)) if (isFinal(body.status)) break;
        job = await read(id, options);
      }
      return job;
    },
  };
}
