import type { KeyObject } from "node:crypto";
import type { CircularResult } from "@tda-platform/contract/circular-coordinates";
import type { CostEstimateBody, EstimateResult } from "@tda-platform/contract/compute-results";
import type { Job } from "@tda-platform/contract/jobs";
import type { Engine } from "@tda-platform/engine/types";
import { newId } from "../../internal/ids.ts";
import type { Metrics } from "../../internal/metrics.ts";
import type { DatasetInputs } from "../datasets/dataset-inputs.ts";
import type { LoadedRipsRequest, RawRipsRequest } from "../input/rips-request.ts";
import type { JobCost } from "../jobs/job-cost.ts";
import type { JobSubmitter } from "../jobs/job-submitter.ts";
import type { Quotas } from "../limits/ports.ts";
import type { Offload } from "../offload/offload.ts";
import type { ComputationStore, Principal, ResultCache } from "../ports.ts";
import { ProblemError } from "../problem.ts";
import { Admission } from "./admission.ts";
import { contentKey, datasetKey, rawKeyPrefix, settingsGeneration } from "./cache-keys.ts";
import { resolveCircular } from "./circular-request.ts";
import { ComputationRunner } from "./computation-runner.ts";
import { estimateBody, estimateCost } from "./cost-limit.ts";
import type { ProjectKeys } from "./project-keys.ts";
import { RecentRequests, type RequestScope } from "./recent-requests.ts";
import { type ComputeLimits, type ResolvedRequest, resolveRequest } from "./resolve-request.ts";
import { answerHead, type StoredResult } from "./result-body.ts";
import { type KnownRequest, ResultLookup } from "./result-lookup.ts";
import { type FlightLeases, SharedFlight } from "./shared-flight.ts";
import { SingleFlight } from "./single-flight.ts";

export interface ComputeSettings extends ComputeLimits {
  readonly syncLimitSeconds: number;
  readonly maxConcurrentComputations: number;
  readonly maxQueuedComputations: number;
  readonly isCaching: boolean;
}

export interface ComputeDependencies {
  readonly engine: Engine;
  readonly cache: ResultCache;
  readonly computations: ComputationStore;
  readonly keys: ProjectKeys;
  /** Takes what is not answered synchronously. */
  readonly submitter: Pick<JobSubmitter, "submitResolved">;
  readonly metrics: Metrics;
  readonly offload: Offload;
  readonly inputs: DatasetInputs;
  readonly leases: FlightLeases;
  readonly quotas: Quotas;
  readonly settings: ComputeSettings;
}

/** A compute request after authentication and permission. */
export interface ComputeRequest {
  readonly raw: RawRipsRequest;
  readonly caller: Principal;
  readonly requestId: string;
  /** The trace of the request (W3C Trace Context), for a job that it may become; null: it came without one. */
  readonly traceparent: string | null;
  /** The `Prefer` header as sent; "" without one. */
  readonly prefer: string;
  /** `Prefer: respond-async`. */
  readonly isAsync: boolean;
  /** Whether it may be answered by the raw-bytes fast path: requests with an idempotency key never are. */
  readonly isReplayable: boolean;
  /** Fires when the client has gone. Asked for only when something is computed. */
  readonly clientGone: () => AbortSignal;
}

/** An answer's JSON in two pieces: its own beginning, in ASCII, and the rest, which it shares with equal ones. */
export interface ComputeAnswer {
  readonly head: string;
  readonly tail: Uint8Array;
  readonly cache: "hit" | "miss";
}

/** Instead of an answer: the job that the request has become. */
export interface AcceptedJob {
  readonly job: Job;
  /** The client preferred it; else it costs too much to wait for. */
  readonly isPreferred: boolean;
}

export type ComputeOutcome = ComputeAnswer | AcceptedJob;

interface Flying {
  readonly resolved: ResolvedRequest;
  readonly request: ComputeRequest;
  readonly signal: AbortSignal;
}

/** Answers compute requests: from the cache, from a computation in progress, or by a new computation. */
export class ComputeService {
  readonly #dependencies: ComputeDependencies;
  readonly #lookup: ResultLookup;
  readonly #admission: Admission;
  readonly #runner: ComputationRunner;
  readonly #recent = new RecentRequests();
  readonly #flights = new SingleFlight<StoredResult>();
  readonly #shared: SharedFlight<StoredResult>;
  readonly #generation: string;

  constructor(dependencies: ComputeDependencies) {
    const { settings, cache, metrics } = dependencies;
    this.#dependencies = dependencies;
    this.#lookup = new ResultLookup(cache);
    this.#admission = new Admission(settings.maxConcurrentComputations, settings.maxQueuedComputations);
    this.#runner = new ComputationRunner(dependencies);
    this.#shared = new SharedFlight(dependencies.leases);
    this.#generation = settingsGeneration(dependencies.engine, settings);
    metrics.watch({ cacheUsage: () => cache.usage, computations: () => this.load });
  }

  /** Computations of this server in the engine, and those that wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#admission.running, waiting: this.#admission.waiting };
  }

  /** At once what was answered shortly before; else a promise. @throws ProblemError; Abandoned when the client left. */
  compute(request: ComputeRequest): ComputeOutcome | Promise<ComputeOutcome> {
    const isFast = this.#dependencies.settings.isCaching && request.isReplayable && !request.isAsync;
    if (!isFast) return this.#computeUnseen(request);
    const scope = scopeOf(request);
    const recent = this.#recent.find(scope, request.raw.bytes);
    const repeated = recent === undefined ? undefined : this.#repeat(scope.projectId, recent);
    if (repeated === undefined) return this.#computeOrRepeat(request, scope);
    if (!(repeated instanceof Promise)) return repeated;
    return repeated.then((answer) => answer ?? this.#computeOrRepeat(request, scope));
  }

  /** By the digest of the body, which finds requests of any size and, in a shared cache, of every server. */
  async #computeOrRepeat(request: ComputeRequest, scope: RequestScope): Promise<ComputeOutcome> {
    const { offload } = this.#dependencies;
    const secret = await this.#secret(request.caller.projectId);
    const prefix = rawKeyPrefix("compute.vietoris_rips", this.#generation, request.raw, request.prefer);
    const { digest, bytes } = await offload.digest(secret, prefix, request.raw.bytes);
    const known = await this.#lookup.known(scope.projectId, digest);
    const answer = known === undefined ? undefined : await this.#repeat(scope.projectId, known);
    if (known === undefined || answer === undefined) {
      return await this.#computeParsed(request, { ...request.raw, bytes }, secret, digest);
    }
    this.#recent.keep(scope, bytes, known);
    return answer;
  }

  async #computeUnseen(request: ComputeRequest): Promise<ComputeOutcome> {
    return await this.#computeParsed(request, request.raw, await this.#secret(request.caller.projectId), null);
  }

  /** Circular coordinates; not cached. @throws ProblemError; Abandoned when the client left. */
  async circularCoordinates(
    request: Pick<ComputeRequest, "raw" | "caller" | "requestId">,
    clientGone: AbortSignal,
  ): Promise<CircularResult> {
    const { offload, inputs, settings } = this.#dependencies;
    const { caller, requestId } = request;
    const parsed = await offload.parse({ ...request.raw, form: "circular" });
    const held = await inputs.load(caller.projectId, parsed);
    try {
      const circular = resolveCircular(held.request, settings);
      const task = { id: newId("cmp"), caller, requestId, resolved: circular.diagram, signal: clientGone };
      return await this.#withinQuotas(caller.projectId, () =>
        this.#admission.run(clientGone, () => this.#runner.runCircular(task, circular)),
      );
    } finally {
      held.release();
    }
  }

  async #withinQuotas<Result>(projectId: string, work: () => Promise<Result>): Promise<Result> {
    const leave = await this.#dependencies.quotas.enterComputation(projectId);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** What a computation would cost. @throws ProblemError; Abandoned when the client left. */
  async estimate(raw: RawRipsRequest, projectId: string, clientGone: AbortSignal): Promise<EstimateResult> {
    const { offload, inputs } = this.#dependencies;
    const held = await inputs.load(projectId, await offload.parse(raw));
    try {
      return await this.#estimateLoaded(held.request, clientGone);
    } finally {
      held.release();
    }
  }

  async #estimateLoaded(request: LoadedRipsRequest, clientGone: AbortSignal): Promise<EstimateResult> {
    const { engine, settings } = this.#dependencies;
    const resolved = resolveRequest(request, settings);
    const estimate = await this.#admission.run(clientGone, () => estimateCost(engine, resolved, clientGone));
    return {
      algorithm: "vietoris-rips",
      parameters: resolved.parameters,
      ...estimateBody(estimate),
      synchronous: estimate.seconds <= settings.syncLimitSeconds,
      synchronous_limit_seconds: settings.syncLimitSeconds,
    };
  }

  /** The answer to a request that was answered before, if its result is still there. */
  #repeat(
    projectId: string,
    { contentKey, parameters }: KnownRequest,
  ): ComputeAnswer | undefined | Promise<ComputeAnswer | undefined> {
    const result = this.#lookup.result(projectId, contentKey);
    return result instanceof Promise
      ? result.then((found) => this.#hit(parameters, found))
      : this.#hit(parameters, result);
  }

  #hit(parameters: string, result: StoredResult | undefined): ComputeAnswer | undefined {
    if (result === undefined) return undefined;
    this.#dependencies.metrics.countCacheLookup("hit");
    return { head: answerHead(newId("cmp"), parameters), tail: result.tail, cache: "hit" };
  }

  async #computeParsed(
    request: ComputeRequest,
    raw: RawRipsRequest,
    secret: KeyObject,
    rawKey: string | null,
  ): Promise<ComputeOutcome> {
    const { offload, inputs } = this.#dependencies;
    const parsed = await offload.parse(raw);
    const { projectId } = request.caller;
    const dataset = await inputs.find(projectId, parsed);
    // The body names a dataset, which may be deleted: what is known is known of its content, found anew each time.
    const knownKey =
      rawKey === null || dataset === null ? rawKey : datasetKey(secret, this.#generation, dataset, parsed.parameters);
    const known = knownKey === null || dataset === null ? undefined : await this.#lookup.known(projectId, knownKey);
    const repeated = known === undefined || request.isAsync ? undefined : await this.#repeat(projectId, known);
    if (repeated !== undefined) return repeated;
    const held = await inputs.read(dataset, parsed);
    try {
      return await this.#computeLoaded(request, held.request, secret, knownKey);
    } finally {
      held.release();
    }
  }

  async #computeLoaded(
    request: ComputeRequest,
    loaded: LoadedRipsRequest,
    secret: KeyObject,
    rawKey: string | null,
  ): Promise<ComputeOutcome> {
    const { engine, settings, metrics } = this.#dependencies;
    const resolved = resolveRequest(loaded, settings);
    const mayBeJob = request.caller.permissions.has("jobs.write");
    if (request.isAsync && mayBeJob) return await this.#asJob(resolved, request, null);
    const { projectId } = request.caller;
    const key = contentKey(secret, resolved, engine);
    const id = newId("cmp");
    const cached = settings.isCaching ? await this.#cached(projectId, key, resolved) : undefined;
    metrics.countCacheLookup(cached === undefined ? "miss" : "hit");
    let result = cached;
    try {
      result ??= await this.#computeOnce(id, key, resolved, request);
    } catch (error) {
      if (!mayBeJob || !(error instanceof ProblemError) || error.code !== "cost_limit_exceeded") throw error;
      return await this.#asJob(resolved, request, error.members.estimate as CostEstimateBody);
    }
    const parameters = JSON.stringify(resolved.parameters);
    if (rawKey !== null) await this.#lookup.keepKnown(projectId, rawKey, { contentKey: key, parameters });
    const cache = cached === undefined ? "miss" : "hit";
    return { head: answerHead(id, parameters), tail: result.tail, cache };
  }

  /** A budget that a computation would have passed is passed by its cached result too. */
  async #cached(projectId: string, key: string, resolved: ResolvedRequest): Promise<StoredResult | undefined> {
    const result = await this.#lookup.result(projectId, key);
    return result !== undefined && result.peakBytes <= resolved.parameters.memory_limit_bytes ? result : undefined;
  }

  #computeOnce(id: string, key: string, resolved: ResolvedRequest, request: ComputeRequest): Promise<StoredResult> {
    const flightKey = `${key} ${resolved.parameters.memory_limit_bytes}`;
    const { isCaching } = this.#dependencies.settings;
    return this.#flights.join(flightKey, request.clientGone(), (signal) => {
      const compute = () => this.#compute(id, key, { resolved, request, signal });
      const { projectId } = request.caller;
      if (!isCaching) return compute();
      return this.#shared.run(flightKey, signal, () => this.#cached(projectId, key, resolved), compute);
    });
  }

  async #compute(id: string, key: string, { resolved, request, signal }: Flying): Promise<StoredResult> {
    const { caller, requestId } = request;
    return await this.#withinQuotas(caller.projectId, () =>
      this.#admission.run(signal, async (leave) => {
        const result = await this.#runner.run({ id, caller, requestId, resolved, signal }, leave);
        if (this.#dependencies.settings.isCaching) await this.#lookup.keepResult(caller.projectId, key, result);
        return result;
      }),
    );
  }

  /** What would take too long to wait for goes on as a job, if the caller may submit one. */
  async #asJob(resolved: ResolvedRequest, request: ComputeRequest, cost: JobCost | null): Promise<AcceptedJob> {
    const { caller, requestId, traceparent } = request;
    const job = await this.#dependencies.submitter.submitResolved(resolved, { caller, requestId, traceparent }, cost);
    return { job, isPreferred: cost === null };
  }

  async #secret(projectId: string): Promise<KeyObject> {
    return await this.#dependencies.keys.of(projectId);
  }
}

function scopeOf({ raw, caller, prefer }: ComputeRequest): RequestScope {
  const { mediaType, encoding, query } = raw;
  return { projectId: caller.projectId, mediaType, encoding, query, prefer };
}
