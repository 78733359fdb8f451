import { Worker } from "node:worker_threads";

/** Thrown when as many tasks wait as the pool admits. */
export class WorkerPoolFull extends Error {
  override readonly name = "WorkerPoolFull";
}

/** Thrown for the task of a worker that ended: out of memory, or a defect. The pool goes on with a new worker. */
export class WorkerEnded extends Error {
  override readonly name = "WorkerEnded";
}

export interface WorkerPoolOptions {
  readonly script: URL;
  readonly size: number;
  /** Tasks that may wait beside those that run. */
  readonly queueLimit: number;
}

interface Task<Request, Answer> {
  readonly request: Request;
  readonly transfer: readonly ArrayBuffer[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Slot<Request, Answer> {
  worker: Worker;
  task: Task<Request, Answer> | null;
}

/** A fixed number of threads, started when first needed; each does one task at a time, first come, first served. */
export class WorkerPool<Request, Answer> {
  readonly #options: WorkerPoolOptions;
  readonly #slots: Slot<Request, Answer>[] = [];
  readonly #queue: Task<Request, Answer>[] = [];
  #isClosed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Runs a task; the buffers in `transfer` move to the worker. @throws WorkerPoolFull, WorkerEnded. */
  run(request: Request, transfer: readonly ArrayBuffer[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new WorkerEnded("The pool is closed."));
      const task = { request, transfer, resolve, reject };
      const slot = this.#slots.find((candidate) => candidate.task === null) ?? this.#grow();
      if (slot !== undefined) return this.#start(slot, task);
      if (this.#queue.length >= this.#options.queueLimit)
        return reject(new WorkerPoolFull("Too many tasks are waiting."));
      this.#queue.push(task);
    });
  }

  /** Ends the threads; what runs or waits is rejected with WorkerEnded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#queue.splice(0)) task.reject(new WorkerEnded("The pool is closed."));
    await Promise.all(this.#slots.splice(0).map((slot) => slot.worker.terminate()));
  }

  #grow(): Slot<Request, Answer> | undefined {
    if (this.#slots.length >= this.#options.size) return undefined;
    const slot: Slot<Request, Answer> = { worker: new Worker(this.#options.script), task: null };
    this.#slots.push(slot);
    let cause: unknown;
    slot.worker.unref();
    slot.worker.on("message", (answer: Answer) => this.#finish(slot, answer));
    slot.worker.on("error", (error) => {
      cause = error;
    });
    slot.worker.on("exit", () => this.#replace(slot, cause));
    return slot;
  }

  #start(slot: Slot<Request, Answer>, task: Task<Request, Answer>): void {
    slot.task = task;
    slot.worker.postMessage(task.request, task.transfer);
  }

  #finish(slot: Slot<Request, Answer>, answer: Answer): void {
    const done = slot.task;
    const next = this.#queue.shift();
    slot.task = null;
    if (next !== undefined) this.#start(slot, next);
    done?.resolve(answer);
  }

  #replace(slot: Slot<Request, Answer>, cause: unknown): void {
    const at = this.#slots.indexOf(slot);
    if (at !== -1) this.#slots.splice(at, 1);
    slot.task?.reject(new WorkerEnded("The worker ended.", { cause }));
    if (this.#isClosed || this.#queue.length === 0) return;
    const fresh = this.#grow();
    const next = fresh === undefined ? undefined : this.#queue.shift();
    if (fresh !== undefined && next !== undefined) this.#start(fresh, next);
  }
}
