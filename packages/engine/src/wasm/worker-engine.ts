import { checkCall } from "../check-call.ts";
import { type ComputedAnswer, EngineTask } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import type { Operation } from "../frame-layout.ts";
import type { CallOptions } from "../native-call.ts";
import { TaskQueue } from "../task-queue.ts";
import type { Engine, EngineCall, EngineInput } from "../types.ts";
import { AnsweringEngine } from "./answering-engine.ts";
import { MAXIMUM_MEMORY_BYTES } from "./instance.ts";
import { compileModule, type WasmSource } from "./module.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

export interface WasmWorkerEngineOptions {
  /** What a computation's memory may grow to, at most (and by default) 4 GiB; beyond it `out_of_memory`. */
  readonly maximumMemoryBytes?: number;
  /** Computations that may wait; more are refused with `engine_overloaded`. Default 64. */
  readonly maxQueued?: number;
  /** The worker's script. Default: `tda-engine-worker.js` beside this module, as `npm run build -- wasm` puts it. */
  readonly worker?: string | URL;
}

/**
 * The engine as WebAssembly in a dedicated worker, for pages: nothing blocks. One computation at a time; for more, make more of them.
 * Cancelling ends the worker, in no time at any point of the computation, and gives its memory back; the next computation gets a new one.
 *
 * @throws EngineError `engine_unavailable` when the module or the worker cannot be loaded, or WebAssembly lacks vectors or exceptions
 */
export async function createWasmWorkerEngine(
  source: WasmSource,
  options: WasmWorkerEngineOptions = {},
): Promise<Engine> {
  const module = await compileModule(source);
  const url = options.worker ?? new URL("./tda-engine-worker.js", import.meta.url);
  const maximumMemoryBytes = options.maximumMemoryBytes ?? MAXIMUM_MEMORY_BYTES;
  const engine = new WasmWorkerEngine(
    () => new Worker(url, { type: "module", name: "tda-engine" }),
    { kind: "module", module, maximumMemoryBytes },
    options.maxQueued ?? 64,
  );
  await engine.ready();
  return engine;
}

class WasmWorkerEngine extends AnsweringEngine {
  version = "";
  readonly #makeWorker: () => Worker;
  readonly #module: ToWorker;
  readonly #queue: TaskQueue;
  #worker: Worker | null = null;
  #running: EngineTask | null = null;
  #isClosed = false;

  constructor(makeWorker: () => Worker, module: ToWorker, maxQueued: number) {
    super();
    this.#makeWorker = makeWorker;
    this.#module = module;
    this.#queue = new TaskQueue(maxQueued);
  }

  /** Starts the worker and resolves when it has the module. */
  ready(): Promise<void> {
    const worker = this.#start();
    return new Promise((resolve, reject) => {
      const fail = (message: string) => {
        this.#end();
        reject(new EngineError("engine_unavailable", `The engine's worker cannot be started: ${message}.`));
      };
      worker.onerror = ({ message }) => fail(message ?? "its script cannot be loaded");
      worker.onmessage = ({ data }) => {
        const answer = data as FromWorker;
        if (answer.kind !== "ready") return fail(answer.kind === "error" ? answer.message : answer.kind);
        this.version = answer.version;
        this.#listen(worker);
        resolve();
      };
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new EngineError("engine_closed", "The engine was closed.");
    this.#queue.rejectAll(closed);
    this.#running?.stop(closed);
    this.#end();
  }

  protected submit(
    operation: Operation,
    input: EngineInput,
    options: CallOptions,
    call: EngineCall,
  ): Promise<ComputedAnswer> {
    if (this.#isClosed) throw new EngineError("engine_closed", "The engine is closed.");
    if (call.signal?.aborted) throw new EngineError("cancelled", "The computation was cancelled before it began.");
    checkCall(input, options);
    if (this.#running !== null) this.#queue.checkRoom();
    const task = new EngineTask(operation, input, options, call);
    if (this.#running === null) this.#run(task);
    else this.#queue.push(task);
    return task.promise;
  }

  #run(task: EngineTask): void {
    this.#running = task;
    task.onStop = () => {
      this.#end();
      task.settleStopped();
      this.#next();
    };
    const { operation, input, options, wantsProgress } = task;
    const worker = this.#worker ?? this.#listen(this.#start());
    try {
      worker.postMessage({ kind: "compute", operation, input, options, wantsProgress } satisfies ToWorker);
    } catch (error) {
      task.reject(new EngineError("out_of_memory", `The input cannot be copied to the worker: ${error}.`));
      this.#next();
    }
  }

  #next(): void {
    this.#running = null;
    const task = this.#isClosed ? undefined : this.#queue.shift();
    if (task !== undefined) this.#run(task);
  }

  #start(): Worker {
    const worker = this.#makeWorker();
    worker.postMessage(this.#module);
    this.#worker = worker;
    return worker;
  }

  #listen(worker: Worker): Worker {
    worker.onmessage = ({ data }) => this.#receive(data as FromWorker);
    worker.onerror = ({ message }) => {
      this.#end();
      this.#settle((task) => task.reject(new EngineError("engine_crashed", `The engine's worker ended: ${message}.`)));
    };
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.kind === "progress") this.#running?.report(message.progress);
    if (message.kind === "answer") this.#settle((task) => task.resolve(message.answer));
    if (message.kind === "error") {
      this.#settle((task) => task.reject(new EngineError(message.code, message.message, message.place)));
    }
  }

  #settle(settle: (task: EngineTask) => void): void {
    const task = this.#running;
    if (task === null) return;
    settle(task);
    this.#next();
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }
}
