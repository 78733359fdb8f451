import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../../internal/ids.ts";
import type { JobMetrics } from "../../internal/job-metrics.ts";
import type { Logger } from "../../internal/logger.ts";
import type { LeasedJob } from "./job.ts";
import { JobAttempt } from "./job-attempt.ts";
import { SMALL_JOB_SECONDS } from "./job-cost.ts";
import type { ExecutionDependencies } from "./job-execution.ts";
import type { JobOutcome, JobQueue, JobSignals } from "./job-store.ts";

export interface WorkerSettings {
  /** Jobs in the engine at the same time. */
  readonly jobConcurrency: number;
  readonly jobLeaseSeconds: number;
  readonly jobMaxAttempts: number;
}

export interface WorkerDependencies extends ExecutionDependencies {
  readonly queue: JobQueue;
  readonly signals: JobSignals;
  readonly settings: WorkerSettings;
  readonly jobMetrics: JobMetrics;
  readonly logger: Logger;
}

/** Small jobs that are leased ahead, so that the engine does not wait for the database between two: what it does in this time. */
const AHEAD_GOAL_MS = 250;
const AHEAD_LIMIT = 64;
/** Weight of one job in the average that says how many these are. */
const AVERAGE_WEIGHT = 0.1;
/** What was leased ahead and has not begun by then is given back: something here takes longer than was thought. */
const AHEAD_MS = 2_000;
/** Ended attempts that wait for their commit; beyond, no new one begins. */
const FINISHING = 256;
/** A queue that told nothing is looked at so often. */
const POLL_MS = 1_000;
/** How soon progress is told. */
const NEWS_MS = 500;
const RECONCILE_MS = 1_000;
const RETRY_WRITE_MS = 200;

/**
 * Runs jobs of all projects: leases them, computes, and ends each with its result, state and event in one transaction that
 * holds only if the lease does. Whatever happens to this process, its jobs go on elsewhere once their leases are over.
 */
export class JobWorker {
  /** The worker's part of each fencing token: of this process and no other, now or later. */
  readonly id = newId("wrk");
  readonly #dependencies: WorkerDependencies;
  /** Leased and not begun, in their order. */
  #ahead: JobAttempt[] = [];
  readonly #running = new Set<JobAttempt>();
  readonly #finishing = new Set<JobAttempt>();
  readonly #closing = new AbortController();
  #isLeasing = false;
  #isAskedAgain = false;
  /** The last lease got as many as it asked for. */
  #wasFull = false;
  /** Of small jobs, in the engine. */
  #averageMs = 5;
  #isDraining = false;
  #lastRenewal = performance.now();
  #loops: Promise<unknown>[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(dependencies: WorkerDependencies) {
    this.#dependencies = dependencies;
  }

  start(): void {
    const { signals } = this.#dependencies;
    signals.onQueued(() => this.#lease());
    signals.onCancelled((ids) => this.#onCancelled(ids));
    this.#loops = [
      this.#every(POLL_MS, async () => this.#lease()),
      this.#every(NEWS_MS / 2, () => this.#renewIfDue()),
      this.#every(RECONCILE_MS, () => this.#reconcile()),
    ];
    this.#lease();
  }

  /** Begins no more jobs, and waits until those in the engine have ended. Those leased ahead go back at once. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#giveBack(this.#ahead.splice(0));
    while (this.#held > 0 || this.#isLeasing) await this.#changed.promise;
  }

  /** Stops what runs and gives it back; it counts as no failure. Resolves when everything is written. Idempotent. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    for (const attempt of this.#running) attempt.stop("drained");
    await this.drain();
    this.#closing.abort();
    await Promise.all(this.#loops);
  }

  /** For metrics. */
  get running(): number {
    return this.#running.size;
  }

  get #held(): number {
    return this.#ahead.length + this.#running.size + this.#finishing.size;
  }

  #lease(): void {
    if (this.#isLeasing) {
      this.#isAskedAgain = true;
      return;
    }
    if (this.#isDraining || !this.#hasRoom()) return;
    this.#isLeasing = true;
    void this.#leaseNow().finally(() => {
      this.#isLeasing = false;
      this.#tellChange();
      if (!this.#isAskedAgain) return;
      this.#isAskedAgain = false;
      this.#lease();
    });
  }

  /** Room for jobs of any cost, or few enough small ones left. */
  #hasRoom(): boolean {
    const { jobConcurrency } = this.#dependencies.settings;
    if (this.#finishing.size >= FINISHING) return false;
    if (this.#running.size + this.#ahead.length < jobConcurrency) return true;
    return this.#wasFull && this.#ahead.length <= this.#aheadLimit / 2 && this.#runsSmall();
  }

  get #aheadLimit(): number {
    const { jobConcurrency } = this.#dependencies.settings;
    return Math.max(1, Math.min(AHEAD_LIMIT, Math.floor((jobConcurrency * AHEAD_GOAL_MS) / this.#averageMs)));
  }

  #runsSmall(): boolean {
    for (const { job, since } of this.#running) {
      if (!isSmall(job) || performance.now() - since > AHEAD_MS) return false;
    }
    return true;
  }

  async #leaseNow(): Promise<void> {
    const { queue, settings, logger, jobMetrics } = this.#dependencies;
    const slots = Math.max(0, settings.jobConcurrency - this.#running.size - this.#ahead.length);
    const smallJobs = this.#runsSmall() ? Math.max(0, this.#aheadLimit - this.#ahead.length) : 0;
    const sent = performance.now();
    let leased: readonly LeasedJob[];
    try {
      leased = await queue.lease({
        worker: this.id,
        leaseSeconds: settings.jobLeaseSeconds,
        slots,
        smallJobs,
        smallSeconds: SMALL_JOB_SECONDS,
      });
    } catch (error) {
      logger.debug({ err: error }, "no jobs could be leased");
      return;
    }
    for (const job of leased) {
      jobMetrics.observeStart(job);
      this.#ahead.push(new JobAttempt(job, this.#dependencies, queue));
    }
    // What was leased just now is as if renewed when it was asked for.
    if (this.#held === leased.length) this.#lastRenewal = sent;
    if (this.#isDraining) this.#giveBack(this.#ahead.splice(0));
    this.#begin();
    this.#wasFull = leased.length > 0 && leased.length >= slots + smallJobs;
  }

  #begin(): void {
    const { jobConcurrency } = this.#dependencies.settings;
    while (this.#running.size < jobConcurrency && this.#ahead.length > 0 && this.#finishing.size < FINISHING) {
      void this.#run(this.#ahead.shift()!);
    }
  }

  async #run(attempt: JobAttempt): Promise<void> {
    const { settings, jobMetrics } = this.#dependencies;
    this.#running.add(attempt);
    const begin = performance.now();
    const outcome = await attempt.run(settings.jobMaxAttempts);
    this.#running.delete(attempt);
    const ms = performance.now() - begin;
    jobMetrics.observeRun(attempt.job.algorithm, ms / 1000);
    if (isSmall(attempt.job)) this.#averageMs += AVERAGE_WEIGHT * (ms - this.#averageMs);
    const written = outcome === null ? Promise.resolve() : this.#finish(attempt, outcome);
    this.#begin();
    this.#lease();
    await written;
    this.#tellChange();
  }

  /** Writes an outcome, again and again while the database is away and the lease may hold. */
  async #finish(attempt: JobAttempt, outcome: JobOutcome): Promise<void> {
    const { queue, settings, logger, jobMetrics } = this.#dependencies;
    this.#finishing.add(attempt);
    try {
      for (;;) {
        try {
          const isHeld = await queue.finish(this.id, outcome);
          // Not held may also mean that an earlier try was written before the connection was lost.
          if (isHeld) jobMetrics.countOutcome(attempt.job.algorithm, outcome);
          return;
        } catch (error) {
          logger.warn({ err: error, job_id: outcome.id }, "the end of a job could not be written");
          if (performance.now() - this.#lastRenewal > settings.jobLeaseSeconds * 1000) return;
          await sleep(RETRY_WRITE_MS);
        }
      }
    } finally {
      this.#finishing.delete(attempt);
      this.#begin();
      this.#lease();
      this.#tellChange();
    }
  }

  #giveBack(attempts: readonly JobAttempt[]): void {
    for (const attempt of attempts) {
      const { projectId, id, attempt: number } = attempt.job;
      const outcome = {
        projectId,
        id,
        attempt: number,
        kind: "queued",
        error: null,
        afterSeconds: 0,
        isFailure: false,
      } as const;
      void this.#finish(attempt, outcome);
    }
  }

  /** Renews all leases in time, and tells progress soon. */
  async #renewIfDue(): Promise<void> {
    const { settings } = this.#dependencies;
    const oldest = this.#ahead[0];
    if (oldest !== undefined && performance.now() - oldest.since > AHEAD_MS) this.#giveBack(this.#ahead.splice(0));
    const attempts = [...this.#ahead, ...this.#running, ...this.#finishing];
    if (attempts.length === 0) {
      this.#lastRenewal = performance.now();
      return;
    }
    const sinceRenewal = performance.now() - this.#lastRenewal;
    const hasNews = [...this.#running].some((attempt) => attempt.hasNews);
    if (sinceRenewal < (settings.jobLeaseSeconds * 1000) / 4 && !(hasNews && sinceRenewal >= NEWS_MS)) return;
    await this.#renew(attempts);
  }

  async #renew(attempts: readonly JobAttempt[]): Promise<void> {
    const { queue, settings, logger, jobMetrics } = this.#dependencies;
    for (const attempt of attempts) attempt.hasNews = false;
    const beats = attempts.map(({ job: { projectId, id, attempt }, progress, stage }) => ({
      ...{ projectId, id, attempt, progress, stage },
    }));
    const sent = performance.now();
    try {
      const held = await queue.renew(this.id, settings.jobLeaseSeconds, beats);
      this.#lastRenewal = sent;
      for (const attempt of attempts) {
        if (held.has(attempt.job.id) || this.#finishing.has(attempt)) continue;
        if (this.#running.has(attempt) || this.#ahead.includes(attempt)) jobMetrics.countLostLease();
        this.#drop(attempt);
      }
    } catch (error) {
      logger.debug({ err: error }, "leases could not be renewed");
      // Another worker may have these jobs by now.
      if (performance.now() - this.#lastRenewal > settings.jobLeaseSeconds * 1000) {
        for (const attempt of attempts) this.#drop(attempt);
      }
    }
  }

  #drop(attempt: JobAttempt): void {
    attempt.stop("lost");
    this.#ahead = this.#ahead.filter((one) => one !== attempt);
    this.#tellChange();
  }

  #onCancelled(ids: readonly string[] | null): void {
    if (ids === null) {
      // Which ones, the next renewal tells.
      const attempts = [...this.#ahead, ...this.#running];
      if (attempts.length > 0) void this.#renew(attempts);
      return;
    }
    const cancelled = new Set(ids);
    for (const attempt of [...this.#ahead, ...this.#running]) if (cancelled.has(attempt.job.id)) this.#drop(attempt);
  }

  async #reconcile(): Promise<void> {
    const { queue, settings, logger, jobMetrics } = this.#dependencies;
    const { lostLeases, dead, pastDeadline } = await queue.reconcile(settings.jobMaxAttempts);
    jobMetrics.countReconciled(lostLeases);
    if (lostLeases + pastDeadline > 0) logger.warn({ lostLeases, dead, pastDeadline }, "jobs were taken back");
  }

  /** Does something again and again until the worker stops; failures are for the next time. */
  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (!signal.aborted) this.#dependencies.logger.debug({ err: error }, "a look at the jobs failed");
      }
      await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #tellChange(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function isSmall({ estimateSeconds }: LeasedJob): boolean {
  return estimateSeconds !== null && estimateSeconds <= SMALL_JOB_SECONDS;
}
