import type { CircularResult } from "@tda-platform/contract/circular-coordinates";
import { RETRY_AFTER_SECONDS, SYNC_DEADLINE_FACTOR } from "@tda-platform/contract/limits";
import type { CircularCoordinates, Engine, VietorisRipsResult } from "@tda-platform/engine/types";
import type { Metrics } from "../../internal/metrics.ts";
import { DependencyUnavailable } from "../errors.ts";
import type { Quotas } from "../limits/ports.ts";
import type { Offload } from "../offload/offload.ts";
import type { ComputationRecord, ComputationStore, Principal } from "../ports.ts";
import { ProblemError } from "../problem.ts";
import { circularBody, type ResolvedCircularRequest } from "./circular-request.ts";
import { costLimitProblem, estimateCost, isSurelyCheap } from "./cost-limit.ts";
import { withEngineProblems } from "./engine-problem.ts";
import { type ResultBars, resultBars } from "./render-bars.ts";
import type { ResolvedRequest } from "./resolve-request.ts";
import { type StoredResult, storedResult } from "./result-body.ts";

export interface RunnerDependencies {
  readonly engine: Engine;
  readonly computations: ComputationStore;
  readonly metrics: Metrics;
  readonly offload: Offload;
  readonly quotas: Pick<Quotas, "charge">;
  readonly settings: { readonly syncLimitSeconds: number };
}

/** One computation to run: on whose behalf, and under which id it is recorded. */
export interface ComputationTask {
  readonly id: string;
  readonly caller: Principal;
  readonly requestId: string;
  readonly resolved: ResolvedRequest;
  readonly signal: AbortSignal;
}

/**
 * Results that may wait for their record while others compute: a commit takes as long as many small computations, and those
 * that wait together share one. Beyond, a result keeps its place in the engine, so that a slow database slows the callers
 * down instead of filling the memory.
 */
const RECORDING_AT_ONCE = 64;

/** What one computation does, and what its record says of it. */
interface Work<Result> {
  readonly algorithm: ComputationRecord["algorithm"];
  readonly parameters: ComputationRecord["parameters"];
  readonly compute: (signal: AbortSignal) => Promise<Result>;
}

/** Runs computations: cost check, engine, durable record. */
export class ComputationRunner {
  readonly #dependencies: RunnerDependencies;
  #recording = 0;

  constructor(dependencies: RunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** The result, once the computation is recorded; `leaveEngine` is called when it only waits for that. @throws ProblemError. */
  async run(task: ComputationTask, leaveEngine: () => void): Promise<StoredResult> {
    const { engine, offload } = this.#dependencies;
    const { resolved } = task;
    const work: Work<{ result: VietorisRipsResult; bars: ResultBars }> = {
      algorithm: "vietoris-rips",
      parameters: resolved.parameters,
      compute: async (signal) => {
        const result = await engine.vietorisRips(resolved.input, resolved.options, { signal });
        return { result, bars: resultBars(result, resolved.options.representatives) };
      },
    };
    const startedAt = new Date();
    const { result, bars } = await this.#compute(task, work, startedAt);
    const stored = storedResult(await offload.render(bars), result, resolved, engine);
    if (this.#recording < RECORDING_AT_ONCE) leaveEngine();
    await this.#succeed(task, work, startedAt, result.statistics);
    return stored;
  }

  /** The same for circular coordinates; the task's request is that of the diagram with the bar. */
  async runCircular(task: ComputationTask, request: ResolvedCircularRequest): Promise<CircularResult> {
    const { engine } = this.#dependencies;
    const work: Work<CircularCoordinates> = {
      algorithm: "circular-coordinates",
      parameters: request.parameters,
      compute: (signal) => engine.circularCoordinates(task.resolved.input, request.options, { signal }),
    };
    const startedAt = new Date();
    const result = await this.#compute(task, work, startedAt);
    const body = circularBody(task.id, result, request, engine);
    await this.#succeed(task, work, startedAt, result.statistics);
    return body;
  }

  /** Computes what is not too costly, within the deadline; a failure is recorded. */
  async #compute<Result>(task: ComputationTask, work: Work<Result>, startedAt: Date): Promise<Result> {
    await this.#refuseCostly(task);
    try {
      return await this.#withinDeadline(task, work);
    } catch (error) {
      await this.#recordFailure(task, work, startedAt, error);
      throw error;
    }
  }

  async #succeed(
    task: ComputationTask,
    work: Work<unknown>,
    startedAt: Date,
    statistics: { readonly computeMs: number },
  ): Promise<void> {
    const { metrics } = this.#dependencies;
    const dimension = task.resolved.options.maxDimension;
    this.#charge(task, statistics.computeMs / 1000);
    metrics.observeComputation({ algorithm: work.algorithm, dimension, seconds: statistics.computeMs / 1000 });
    await this.#record(task, work, startedAt, { status: "succeeded", errorCode: null, statistics: { ...statistics } });
    metrics.countComputation("succeeded");
  }

  #charge({ caller, resolved }: ComputationTask, seconds: number): void {
    const cpuSeconds = seconds * (resolved.options.threads ?? 1);
    this.#dependencies.quotas.charge(caller.projectId, { computations: 1, cpuSeconds });
  }

  async #refuseCostly({ resolved, signal }: ComputationTask): Promise<void> {
    const { engine, metrics, settings } = this.#dependencies;
    if (isSurelyCheap(resolved, settings.syncLimitSeconds)) return;
    const estimate = await estimateCost(engine, resolved, signal);
    if (estimate.seconds <= settings.syncLimitSeconds) return;
    metrics.countComputation("refused");
    const detail = `The computation is estimated to take ${estimate.seconds.toPrecision(3)} s; the limit is ${settings.syncLimitSeconds} s.`;
    throw costLimitProblem(detail, resolved, estimate, settings.syncLimitSeconds);
  }

  async #withinDeadline<Result>({ resolved, signal }: ComputationTask, work: Work<Result>): Promise<Result> {
    const deadlineSeconds = this.#dependencies.settings.syncLimitSeconds * SYNC_DEADLINE_FACTOR;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), deadlineSeconds * 1000);
    try {
      return await withEngineProblems(resolved, work.compute(AbortSignal.any([signal, deadline.signal])));
    } catch (error) {
      if (!deadline.signal.aborted || signal.aborted) throw error;
      const detail = `The computation took longer than ${deadlineSeconds} s and was cancelled.`;
      throw new ProblemError("computation_timeout", detail, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Refusals of the input are no computations. A failure that can't be recorded is still told as what it is. */
  async #recordFailure(task: ComputationTask, work: Work<unknown>, startedAt: Date, error: unknown): Promise<void> {
    const code = error instanceof ProblemError ? error.code : "internal_error";
    const isRefusal = error instanceof ProblemError && error.status === 422 && code !== "memory_limit_exceeded";
    const status = task.signal.aborted ? "cancelled" : "failed";
    if (!isRefusal) this.#charge(task, (Date.now() - startedAt.getTime()) / 1000);
    this.#dependencies.metrics.countComputation(isRefusal ? "refused" : status);
    if (isRefusal) return;
    const errorCode = status === "cancelled" ? null : code;
    await this.#record(task, work, startedAt, { status, errorCode, statistics: null }).catch(() => undefined);
  }

  async #record(
    task: ComputationTask,
    work: Work<unknown>,
    startedAt: Date,
    outcome: Pick<ComputationRecord, "status" | "errorCode" | "statistics">,
  ): Promise<void> {
    const { engine, computations } = this.#dependencies;
    this.#recording++;
    try {
      await computations.record({
        id: task.id,
        projectId: task.caller.projectId,
        principalId: task.caller.id,
        requestId: task.requestId,
        algorithm: work.algorithm,
        inputSha256: task.resolved.inputSha256,
        parameters: work.parameters,
        engine: engine.kind,
        engineVersion: engine.version,
        startedAt,
        finishedAt: new Date(),
        ...outcome,
      });
    } catch (error) {
      const seconds = error instanceof DependencyUnavailable ? error.retryAfterSeconds : RETRY_AFTER_SECONDS;
      const extras = { retryAfterSeconds: seconds, cause: error };
      throw new ProblemError("storage_unavailable", "The computation could not be recorded.", extras);
    } finally {
      this.#recording--;
    }
  }
}
