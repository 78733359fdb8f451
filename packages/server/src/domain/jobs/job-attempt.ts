import { availableParallelism } from "node:os";
import { JOB_RETRY } from "@tda-platform/contract/limits";
import { PROBLEMS } from "@tda-platform/contract/problems";
import type { EngineProgress } from "@tda-platform/engine/types";
import { ProblemError } from "../problem.ts";
import type { LeasedJob } from "./job.ts";
import { type Execution, type ExecutionDependencies, execute, ranBy } from "./job-execution.ts";
import { decodeInput } from "./job-input.ts";
import { jobProblem } from "./job-problem.ts";
import type { JobOutcome, JobQueue } from "./job-store.ts";

/** Why an attempt was stopped from outside. */
export type StopReason = "lost" | "drained";

/** Progress of the engine is not yet that of the job: the result is still to be stored. */
const BEFORE_THE_END = 0.99;
const timerLimitMs = 2 ** 31 - 1;

/** One attempt at a job, in this process. */
export class JobAttempt {
  readonly job: LeasedJob;
  readonly #controller = new AbortController();
  readonly #dependencies: ExecutionDependencies;
  readonly #queue: JobQueue;
  /** Since when it has been here, by this process's clock. */
  readonly since = performance.now();
  stage: string | null = null;
  progress = 0;
  /** Whether something is to be told since the last heartbeat. */
  hasNews = false;
  #stopped: StopReason | null = null;

  constructor(job: LeasedJob, dependencies: ExecutionDependencies, queue: JobQueue) {
    this.job = job;
    this.#dependencies = dependencies;
    this.#queue = queue;
  }

  get stopped(): StopReason | null {
    return this.#stopped;
  }

  stop(reason: StopReason): void {
    this.#stopped ??= reason;
    this.#controller.abort();
  }

  /** How the attempt ended; null: it is another's or nobody's by now, and nothing is to be written. */
  async run(maxAttempts: number): Promise<JobOutcome | null> {
    const { projectId, id, attempt } = this.job;
    try {
      const { body, ran } = await this.#withinLimits();
      return { projectId, id, attempt, kind: "succeeded", body, ran };
    } catch (error) {
      if (this.#stopped === "lost") return null;
      if (this.#stopped === "drained") return this.#backInQueue();
      return this.#failure(error, maxAttempts);
    }
  }

  /** The job waits again as if this attempt had not been. */
  #backInQueue(): JobOutcome {
    const { projectId, id, attempt } = this.job;
    return { projectId, id, attempt, kind: "queued", error: null, afterSeconds: 0, isFailure: false };
  }

  async #withinLimits(): Promise<Execution> {
    const { job } = this;
    const deadline = limit(job.deadlineInMs === null ? null : job.deadlineInMs - (performance.now() - this.since));
    try {
      const input = job.input ?? (await this.#queue.input(job));
      if (input === null) throw new ProblemError("internal_error", "The input of the job is gone.");
      deadline.signal.throwIfAborted();
      const threads = (job.parameters as { threads?: number | null }).threads ?? availableParallelism();
      const cpu = limit(job.cpuLimitSeconds === null ? null : (job.cpuLimitSeconds * 1000) / threads);
      const signal = AbortSignal.any([this.#controller.signal, deadline.signal, cpu.signal]);
      try {
        const onProgress = (progress: EngineProgress) => this.#onProgress(progress);
        return await execute(this.#dependencies, job, decodeInput(input), { signal, onProgress });
      } catch (error) {
        if (!cpu.signal.aborted) throw error;
        const detail = `The attempt used ${job.cpuLimitSeconds} s of processor time, counted for ${threads} threads.`;
        throw new ProblemError("job_cpu_limit_exceeded", detail, { cause: error });
      } finally {
        cpu.clear();
      }
    } catch (error) {
      if (!deadline.signal.aborted) throw error;
      throw new ProblemError("job_deadline_exceeded", "The job had not finished at its deadline.", { cause: error });
    } finally {
      deadline.clear();
    }
  }

  #onProgress({ fraction, stage }: EngineProgress): void {
    const progress = Math.max(this.progress, Math.min(fraction, BEFORE_THE_END));
    if (progress === this.progress && stage === this.stage) return;
    this.progress = progress;
    this.stage = stage;
    this.hasNews = true;
  }

  #failure(error: unknown, maxAttempts: number): JobOutcome {
    const { projectId, id, attempt, failures } = this.job;
    const problem = jobProblem(this.job, error);
    const code = error instanceof ProblemError ? error.code : "internal_error";
    // Requests that are answered at once use the engine too, and have filled its queue: no failure of this job.
    if (code === "overloaded" || code === "shutting_down") {
      const afterSeconds = JOB_RETRY.firstSeconds;
      return { projectId, id, attempt, kind: "queued", error: null, afterSeconds, isFailure: false };
    }
    const isRetryable = PROBLEMS[code].retryable;
    if (isRetryable && failures + 1 < maxAttempts) {
      const afterSeconds = retryDelaySeconds(failures);
      return { projectId, id, attempt, kind: "queued", error: problem, afterSeconds, isFailure: true };
    }
    const ran = ranBy(this.#dependencies.engine, null);
    return { projectId, id, attempt, kind: "failed", error: problem, isDead: isRetryable, ran };
  }
}

/** Twice as long for each failure before, within a bound, and never for two jobs the same. */
export function retryDelaySeconds(failures: number, random: () => number = Math.random): number {
  const { firstSeconds, longestSeconds } = JOB_RETRY;
  return Math.min(longestSeconds, firstSeconds * 2 ** Math.min(failures, 30)) * (0.5 + random() / 2);
}

function limit(ms: number | null): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  if (ms === null || ms > timerLimitMs) return { signal: controller.signal, clear: () => undefined };
  const timer = setTimeout(() => controller.abort(), Math.max(0, ms));
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
