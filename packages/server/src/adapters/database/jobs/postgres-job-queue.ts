import type pg from "pg";
import type { LeasedJob } from "../../../domain/jobs/job.ts";
import type { Heartbeat, JobOutcome, JobQueue, LeaseRequest, Reconciled } from "../../../domain/jobs/job-store.ts";
import type { ValueSealer } from "../../../domain/ports.ts";
import { asAvailable } from "../database-errors.ts";
import { lease, readInput, renew } from "./job-leases.ts";
import { JobOutcomes } from "./job-outcomes.ts";
import { reconcile } from "./job-reconciler.ts";

/** The queue of all projects, for workers: on connections of the system's role. */
export class PostgresJobQueue implements JobQueue {
  readonly #pool: pg.Pool;
  readonly #sealer: ValueSealer;
  readonly #outcomes: JobOutcomes;

  constructor(systemPool: pg.Pool, sealer: ValueSealer) {
    this.#sealer = sealer;
    this.#pool = systemPool;
    this.#outcomes = new JobOutcomes(systemPool, sealer);
  }

  lease(request: LeaseRequest): Promise<readonly LeasedJob[]> {
    return asAvailable(() => lease(this.#pool, this.#sealer, request));
  }

  input(job: Pick<LeasedJob, "projectId" | "id">): Promise<Uint8Array | null> {
    return asAvailable(() => readInput(this.#pool, this.#sealer, job));
  }

  renew(worker: string, leaseSeconds: number, beats: readonly Heartbeat[]): Promise<ReadonlySet<string>> {
    return asAvailable(() => renew(this.#pool, worker, leaseSeconds, beats));
  }

  finish(worker: string, outcome: JobOutcome): Promise<boolean> {
    return this.#outcomes.finish(worker, outcome);
  }

  reconcile(maxAttempts: number): Promise<Reconciled> {
    return reconcile(this.#pool, maxAttempts);
  }

  async depth(): Promise<{ readonly queued: number; readonly running: number }> {
    const { rows } = await asAvailable(() =>
      this.#pool.query<{ queued: number; running: number }>(
        `select (select count(*) from tda.jobs where status = 'queued') as queued,
          (select count(*) from tda.jobs where status = 'running') as running`,
      ),
    );
    return rows[0]!;
  }

  /** Waits until what was given so far is written or refused. */
  async drain(): Promise<void> {
    await this.#outcomes.drain();
  }
}
