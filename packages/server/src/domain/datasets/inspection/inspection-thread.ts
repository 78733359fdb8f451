import { Worker } from "node:worker_threads";
import { fromPlainProblem, ProblemError } from "../../problem.ts";
import type { InspectionAnswer, InspectionRequest } from "./messages.ts";

type Waiting = {
  readonly resolve: (answer: InspectionAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
};

/** One piece is inspected in milliseconds; a thread that takes this long hangs. */
const ANSWER_LIMIT_MS = 120_000;
/** For values on the heap; a thread that needs more is ended, and nothing else with it. */
const HEAP_MB = 512;

/** A thread that inspects contents, and the sessions that wait for its answers. */
export class InspectionThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #failure: ProblemError | null = null;
  readonly ended: Promise<void>;
  sessions = 0;

  constructor() {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: InspectionAnswer) => this.#answer(answer));
    let cause: unknown;
    this.#worker.on("error", (error) => {
      cause = error;
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#fail(failureOf(cause));
        resolve();
      });
    });
  }

  get hasEnded(): boolean {
    return this.#failure !== null;
  }

  post(request: InspectionRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  /** The next answer to a session. @throws ProblemError for what is wrong with the content, or with the thread. */
  next(session: number): Promise<InspectionAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const timer = setTimeout(() => void this.terminate(), ANSWER_LIMIT_MS);
      timer.unref();
      this.#waiting.set(session, { resolve, reject, timer });
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(answer: InspectionAnswer): void {
    const waiting = this.#waiting.get(answer.session);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.session);
    clearTimeout(waiting.timer);
    if (answer.kind === "problem") waiting.reject(fromPlainProblem(answer.problem));
    else waiting.resolve(answer);
  }

  #fail(failure: ProblemError): void {
    this.#failure = failure;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(failure);
    }
    this.#waiting.clear();
  }
}

function failureOf(cause: unknown): ProblemError {
  const isMemory = (cause as NodeJS.ErrnoException | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isMemory
    ? new ProblemError("out_of_memory", "The content needs more memory to be inspected than there is.", { cause })
    : new ProblemError("internal_error", "The inspection of the content ended unexpectedly.", { cause });
}
