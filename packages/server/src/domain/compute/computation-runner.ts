import { RETRY_AFTER_SECONDS, SYNC_DEADLINE_FACTOR } from "@tda-platform/contract/limits";
import type { Engine, VietorisRipsResult } from "@tda-platform/engine/types";
import type { Metrics } from "../../internal/metrics.ts";
import { DependencyUnavailable } from "../errors.ts";
import type { Offload } from "../offload/offload.ts";
import type { ComputationRecord, ComputationStore, Principal } from "../ports.ts";
import { ProblemError } from "../problem.ts";
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

/** Runs computations: cost check, engine, durable record. */
export class ComputationRunner {
  readonly #dependencies: RunnerDependencies;

  constructor(dependencies: RunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** The result, once the computation is recorded. @throws ProblemError. */
  async run(task: ComputationTask): Promise<StoredResult> {
    const { engine, metrics, offload } = this.#dependencies;
    await this.#refuseCostly(task);
    const startedAt = new Date();
    let result: VietorisRipsResult;
    let bars: ResultBars;
    try {
      result = await this.#compute(task);
      bars = resultBars(result, task.resolved.options.representatives);
    } catch (error) {
      await this.#recordFailure(task, startedAt, error);
      throw error;
    }
    const dimension = task.resolved.options.maxDimension;
    metrics.observeComputation({ algorithm: "vietoris-rips", dimension, seconds: result.statistics.computeMs / 1000 });
    const stored = storedResult(await offload.render(bars), result, task.resolved, engine);
    await this.#record(task, startedAt, { status: "succeeded", errorCode: null, statistics: { ...result.statistics } });
    metrics.countComputation("succeeded");
    return stored;
  }

  async #refuseCostly({ resolved, signal }: ComputationTask): Promise<void> {
    const { engine, metrics, settings } = this.#dependencies;
    if (isSurelyCheap(resolved, settings.syncLimitSeconds)) return;
    const estimate = await estimateCost(engine, resolved, signal);
    if (estimate.seconds <= settings.syncLimitSeconds) return;
    metrics.countComputation("refused");
    const detail = `The computation is estimated to take ${estimate.seconds.toPrecision(3)} s; the limit is ${settings.syncLimitSeconds} s.`;
    throw costLimitProblem(detail, estimate, settings.syncLimitSeconds);
  }

  async #compute({ resolved, signal }: ComputationTask): Promise<VietorisRipsResult> {
    const deadlineSeconds = this.#dependencies.settings.syncLimitSeconds * SYNC_DEADLINE_FACTOR;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), deadlineSeconds * 1000);
    const call = { signal: AbortSignal.any([signal, deadline.signal]) };
    try {
      return await withEngineProblems(
        resolved,
        this.#dependencies.engine.vietorisRips(resolved.input, resolved.options, call),
      );
    } catch (error) {
      if (!deadline.signal.aborted || signal.aborted) throw error;
      const detail = `The computation took longer than ${deadlineSeconds} s and was cancelled.`;
      throw new ProblemError("computation_timeout", detail, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Refusals of the input are no computations. A failure that can't be recorded is still told as what it is. */
  async #recordFailure(task: ComputationTask, startedAt: Date, error: unknown): Promise<void> {
    const code = error instanceof ProblemError ? error.code : "internal_error";
    const isRefusal = error instanceof ProblemError && error.status === 422 && code !== "memory_limit_exceeded";
    const status = task.signal.aborted ? "cancelled" : "failed";
    this.#dependencies.metrics.countComputation(isRefusal ? "refused" : status);
    if (isRefusal) return;
    const errorCode = status === "cancelled" ? null : code;
    await this.#record(task, startedAt, { status, errorCode, statistics: null }).catch(() => undefined);
  }

  async #record(
    task: ComputationTask,
    startedAt: Date,
    outcome: Pick<ComputationRecord, "status" | "errorCode" | "statistics">,
  ): Promise<void> {
    const { engine, computations } = this.#dependencies;
    try {
      await computations.record({
        id: task.id,
        projectId: task.caller.projectId,
        principalId: task.caller.id,
        requestId: task.requestId,
        algorithm: "vietoris-rips",
        inputSha256: task.resolved.inputSha256,
        parameters: task.resolved.parameters,
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
    }
  }
}
