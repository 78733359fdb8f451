import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const RUN_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600];
const WAIT_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600, 36_000];
/** Counting the queue reads its index: many scrapes share one count. */
const DEPTH_MS = 5_000;

/** How an attempt ended: what the metrics need of it. */
interface Outcome {
  readonly kind: "succeeded" | "failed" | "queued";
  readonly isDead?: boolean;
  readonly isFailure?: boolean;
}

/** The metrics of jobs. */
export class JobMetrics {
  readonly #registers: Registry[];
  readonly #runs: Histogram<"algorithm">;
  readonly #waits: Histogram<"algorithm">;
  readonly #outcomes: Counter<"algorithm" | "outcome">;
  readonly #attempts: Counter<"algorithm">;
  readonly #lost: Counter<"seen_by">;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registers = registers;
    const labelNames = ["algorithm"] as const;
    this.#runs = new Histogram({
      name: "tda_jobs_run_seconds",
      help: "Time of an attempt at a job, from its beginning to its end in the worker.",
      labelNames,
      buckets: RUN_BUCKETS,
      registers,
    });
    this.#waits = new Histogram({
      name: "tda_jobs_wait_seconds",
      help: "Time from the submission of a job to its first attempt.",
      labelNames,
      buckets: WAIT_BUCKETS,
      registers,
    });
    this.#attempts = new Counter({
      name: "tda_jobs_attempts_total",
      help: "Attempts at jobs that this process began.",
      labelNames,
      registers,
    });
    this.#outcomes = new Counter({
      name: "tda_jobs_outcomes_total",
      help: "Attempts by their end: succeeded, failed, dead, retried, or given back to the queue.",
      labelNames: ["algorithm", "outcome"] as const,
      registers,
    });
    this.#lost = new Counter({
      name: "tda_jobs_leases_lost_total",
      help: "Leases that ended before their job: as its worker noticed, or as whoever took it back did.",
      labelNames: ["seen_by"] as const,
      registers,
    });
  }

  observeStart(job: { readonly algorithm: string; readonly attempt: number; readonly waitedMs: number }): void {
    this.#attempts.inc({ algorithm: job.algorithm });
    if (job.attempt === 1) this.#waits.observe({ algorithm: job.algorithm }, Math.max(0, job.waitedMs) / 1000);
  }

  observeRun(algorithm: string, seconds: number): void {
    this.#runs.observe({ algorithm }, seconds);
  }

  countOutcome(algorithm: string, { kind, isDead, isFailure }: Outcome): void {
    const queued = isFailure === true ? "retried" : "given_back";
    this.#outcomes.inc({ algorithm, outcome: kind === "queued" ? queued : isDead === true ? "dead" : kind });
  }

  countLostLease(): void {
    this.#lost.inc({ seen_by: "worker" });
  }

  countReconciled(leases: number): void {
    if (leases > 0) this.#lost.inc({ seen_by: "reconciler" }, leases);
  }

  /** Called once: how many jobs wait and run, in all, is read from the database. */
  watch(depth: () => Promise<{ readonly queued: number; readonly running: number }>): void {
    let known: { readonly queued: number; readonly running: number } | null = null;
    let readAt = Number.NEGATIVE_INFINITY;
    new Gauge({
      name: "tda_jobs",
      help: "Jobs of all projects that wait or run.",
      labelNames: ["status"] as const,
      registers: this.#registers,
      // Every process of an instance reads the same.
      aggregator: "max",
      async collect() {
        if (performance.now() - readAt > DEPTH_MS) {
          readAt = performance.now();
          known = await depth().catch(() => null);
        }
        this.reset();
        for (const [status, count] of Object.entries(known ?? {})) this.set({ status }, count);
      },
    });
  }
}
