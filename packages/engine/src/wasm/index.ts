import { checkCall } from "../check-call.ts";
import { type ComputedAnswer, EngineTask } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import type { Operation } from "../frame-layout.ts";
import type { CallOptions } from "../native-call.ts";
import type { Engine, EngineCall, EngineInput } from "../types.ts";
import { AnsweringEngine } from "./answering-engine.ts";
import { WasmComputer } from "./computer.ts";
import { MAXIMUM_MEMORY_BYTES } from "./instance.ts";
import { compileModule, type WasmSource } from "./module.ts";

export { EngineError, type EngineErrorCode, type EngineErrorPlace } from "../errors.ts";
export { readFarthestPoints, readRobustZScore } from "../features.ts";
export type * from "../types.ts";
export type { WasmSource } from "./module.ts";
export { createWasmWorkerEngine, type WasmWorkerEngineOptions } from "./worker-engine.ts";

export interface WasmEngineOptions {
  /** What a computation's memory may grow to, at most (and by default) 4 GiB; beyond it `out_of_memory`. */
  readonly maximumMemoryBytes?: number;
}

/**
 * The engine as WebAssembly, for Node and browsers: the same C++ and the same bytes as the native engine, on one thread. It computes
 * on the calling thread, which meanwhile does nothing else: a page uses `createWasmWorkerEngine`. So an abort is seen where
 * `onProgress` is called, at most about every 20 ms, and only one that comes from there.
 *
 * Input arrays are copied into the instance; results are the caller's.
 *
 * @throws EngineError `engine_unavailable` when the module cannot be loaded, or WebAssembly has no vectors or exceptions here
 */
export async function createWasmEngine(source: WasmSource, options: WasmEngineOptions = {}): Promise<Engine> {
  const module = await compileModule(source);
  return new WasmEngine(await WasmComputer.create(module, options.maximumMemoryBytes ?? MAXIMUM_MEMORY_BYTES));
}

class WasmEngine extends AnsweringEngine {
  readonly version: string;
  readonly #computer: WasmComputer;
  readonly #running = new Set<EngineTask>();
  #isClosed = false;

  constructor(computer: WasmComputer) {
    super();
    this.#computer = computer;
    this.version = computer.version;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#running) task.stop(new EngineError("engine_closed", "The engine was closed."));
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
    const task = new EngineTask(operation, input, options, call);
    this.#running.add(task);
    const isStopped = () => task.isStopped;
    this.#computer
      .compute(
        operation,
        input,
        options,
        (progress) => {
          task.report(progress);
          return task.isStopped;
        },
        isStopped,
      )
      .then(
        (answer) => task.resolve(answer),
        (error: unknown) => task.reject(error),
      )
      .finally(() => this.#running.delete(task));
    return task.promise;
  }
}
