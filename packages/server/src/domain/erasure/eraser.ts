import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../internal/logger.ts";
import type { ErasureProgress, ErasureStore, ErasureTask } from "./erasure-store.ts";

export interface EraserOptions {
  readonly store: ErasureStore;
  /** Removes an object from the blob store; no error when there is none. */
  readonly deleteBlob: (projectId: string, blobId: string) => Promise<void>;
  /** Drops what caches hold of the project. */
  readonly forgetCached: (projectId: string) => Promise<void>;
  readonly logger: Logger;
  readonly closedForMs?: number;
  readonly lateSweepMs?: number;
  readonly pollMs?: number;
}

const POLL_MS = 2_000;
const LEASE_MS = 60_000;
const RETRY_MS = 15_000;
const ROWS = 1_000;
const BLOBS = 100;
/** Servers may remember a credential for a minute: rows are deleted when none can come any more. */
const CLOSED_FOR_MS = 75_000;
/** Requests that began before may end, and write, this much later: what they left is removed then. */
const LATE_SWEEP_MS = 15 * 60_000;

/** Raised when another process has taken the erasure over. */
class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/**
 * Carries erasures through, step by step. Each step is recorded when it is done and may be repeated, so that a crash anywhere
 * costs a step: another process takes the erasure over when the lease ends.
 */
export class Eraser {
  readonly #options: EraserOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: EraserOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends after the batch under way. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const worked = await this.step().catch((error: unknown) => {
        if (!signal.aborted) this.#options.logger.warn({ err: error }, "erasures cannot be looked for; trying again");
        return false;
      });
      const waitMs = worked ? 0 : (this.#options.pollMs ?? POLL_MS);
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Takes an erasure as far as it comes now. False: none is due. */
  async step(): Promise<boolean> {
    const { store, logger, lateSweepMs = LATE_SWEEP_MS } = this.#options;
    const task = await store.claim(LEASE_MS, lateSweepMs);
    if (task === null) return false;
    try {
      await this.#carryOn(task);
    } catch (error) {
      if (error instanceof LeaseLost || this.#stopping.signal.aborted) return true;
      logger.warn({ err: error, erasureId: task.id, projectId: task.projectId }, "an erasure failed; trying again");
      await store.progress(task, LEASE_MS, { waitMs: RETRY_MS, error: (error as Error).name });
    }
    return true;
  }

  async #carryOn(task: ErasureTask): Promise<void> {
    const { store, forgetCached, closedForMs = CLOSED_FOR_MS, logger } = this.#options;
    const { projectId } = task;
    switch (task.state) {
      case "marked":
        await store.closeCredentials(projectId);
        return await this.#record(task, { state: "closed", waitMs: 0, error: null });
      case "closed":
        await store.cancelJobs(projectId);
        return task.stateAgeMs < closedForMs
          ? await this.#record(task, { waitMs: Math.min(closedForMs - task.stateAgeMs, 5_000), error: null })
          : await this.#record(task, { state: "drained", waitMs: 0, error: null });
      case "drained":
        await store.cancelJobs(projectId);
        await this.#deleteRows(task);
        return await this.#record(task, { state: "rows_deleted", waitMs: 0, error: null });
      case "rows_deleted":
        await this.#deleteBlobs(task);
        return await this.#record(task, { state: "blobs_deleted", waitMs: 0, error: null });
      case "blobs_deleted":
        await forgetCached(projectId);
        // What came in between would be deleted by nobody else.
        await this.#deleteRows(task);
        await this.#deleteBlobs(task);
        await store.deleteProject(projectId);
        await this.#record(task, { state: "erased", error: null });
        logger.info({ erasureId: task.id, projectId }, "a project was erased");
        return;
      case "erased":
        await this.#deleteRows(task);
        await this.#deleteBlobs(task);
        await forgetCached(projectId);
        await store.swept(task);
    }
  }

  async #deleteRows(task: ErasureTask): Promise<void> {
    for (;;) {
      const rows = await this.#options.store.deleteRows(task.projectId, ROWS);
      if (rows === 0) return;
      await this.#record(task, { rows });
    }
  }

  async #deleteBlobs(task: ErasureTask): Promise<void> {
    const { store, deleteBlob } = this.#options;
    const { projectId } = task;
    for (;;) {
      const names = await store.blobs(projectId, BLOBS);
      if (names.length === 0) return;
      for (const name of names) {
        // First the object: its row is what knows of it.
        await deleteBlob(projectId, name);
        await store.forgetBlob(projectId, name);
      }
      await this.#record(task, { blobs: names.length });
    }
  }

  async #record(task: ErasureTask, progress: ErasureProgress): Promise<void> {
    if (!(await this.#options.store.progress(task, LEASE_MS, progress))) throw new LeaseLost("the lease has ended");
    this.#stopping.signal.throwIfAborted();
  }
}
