import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { checkCall } from "./check-call.ts";
import { type ComputedAnswer, EngineTask } from "./engine-task.ts";
import { EngineError } from "./errors.ts";
import { toFeatureCall } from "./features.ts";
import type { Operation } from "./frame-layout.ts";
import { defaultAddonFile } from "./locate-build.ts";
import {
  type CallOptions,
  fromNativeCoordinates,
  fromNativeError,
  fromNativeEstimate,
  fromNativeResult,
  fromNativeValues,
  type NativeCoordinates,
  type NativeError,
  type NativeEstimate,
  type NativeInput,
  type NativeOptions,
  type NativeProgress,
  type NativeResult,
  type NativeValues,
  toCallOptions,
  toNativeInput,
  toNativeOptions,
} from "./native-call.ts";
import { TaskQueue } from "./task-queue.ts";
import type {
  CircularCoordinates,
  CircularCoordinatesOptions,
  CostEstimate,
  Engine,
  EngineCall,
  EngineInput,
  Feature,
  FeatureOptions,
  FeaturesResult,
  VietorisRipsOptions,
  VietorisRipsResult,
} from "./types.ts";

export interface InProcessEngineOptions {
  /** The N-API addon. Default: what `npm start` built. */
  readonly addon?: string;
  /** Computations that run at once, each on a thread of its own. Default: the processors available. */
  readonly maxConcurrent?: number;
  /** Computations that may wait; more are refused with `engine_overloaded`. Default 64. */
  readonly maxQueued?: number;
}

/** A computation of the addon's. */
type Handle = object;

type NativeCompute<Answer> = (
  input: NativeInput,
  options: NativeOptions,
  onProgress: ((progress: NativeProgress) => void) | null,
  onDone: (error: NativeError | null, answer: Answer | null) => void,
) => Handle;

/** engine/bindings/node/addon.cpp */
interface Addon {
  readonly version: string;
  readonly vietorisRips: NativeCompute<NativeResult>;
  readonly estimateVietorisRips: NativeCompute<NativeEstimate>;
  readonly circularCoordinates: NativeCompute<NativeCoordinates>;
  readonly computeFeatures: NativeCompute<NativeValues>;
  cancel(handle: Handle): void;
}

/**
 * The engine in this process, by the N-API addon: for programs that embed it, and for the command line. A computation
 * that passes its memory budget fails with an error, but one that meets a bug in native code ends the process; servers
 * use `createHostPool`.
 *
 * Input arrays are read in place, from another thread: until the call has settled they must not be changed, transferred
 * or detached. (Shared and resizable buffers, which others may change, are copied first.) Large diagrams lie in memory of
 * the engine's, which V8 counts and frees; such an ArrayBuffer cannot be transferred to another thread, only copied.
 *
 * @throws EngineError `engine_unavailable` when the addon cannot be loaded
 */
export async function createInProcessEngine(options: InProcessEngineOptions = {}): Promise<Engine> {
  const addon = loadAddon(resolve(options.addon ?? defaultAddonFile()));
  return new InProcessEngine(addon, options.maxConcurrent ?? availableParallelism(), options.maxQueued ?? 64);
}

function loadAddon(file: string): Addon {
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "";
    throw new EngineError(
      "engine_unavailable",
      `The engine's addon ${file} cannot be loaded; run "npm start", which builds it. ${reason}`,
      {},
      { cause },
    );
  }
}

function isStable(array: ArrayBufferView): boolean {
  const { buffer } = array;
  return buffer instanceof ArrayBuffer && !buffer.resizable;
}

function withStableArrays(input: NativeInput): NativeInput {
  const { values, rowIndices, columnIndices } = input;
  return {
    ...input,
    values: isStable(values) ? values : values.slice(),
    rowIndices: rowIndices === null || isStable(rowIndices) ? rowIndices : rowIndices.slice(),
    columnIndices: columnIndices === null || isStable(columnIndices) ? columnIndices : columnIndices.slice(),
  };
}

class InProcessEngine implements Engine {
  readonly kind = "native";
  readonly version: string;
  readonly #addon: Addon;
  readonly #maxConcurrent: number;
  readonly #queue: TaskQueue;
  readonly #running = new Set<EngineTask>();
  #isClosed = false;

  constructor(addon: Addon, maxConcurrent: number, maxQueued: number) {
    this.version = addon.version;
    this.#addon = addon;
    this.#maxConcurrent = maxConcurrent;
    this.#queue = new TaskQueue(maxQueued);
  }

  async vietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<VietorisRipsResult> {
    const answer = await this.#submit("vietorisRips", input, options, call);
    if (answer.kind !== "result") throw new EngineError("internal", "The addon answered another operation.");
    return fromNativeResult(answer);
  }

  async circularCoordinates(
    input: EngineInput,
    options: CircularCoordinatesOptions,
    call: EngineCall = {},
  ): Promise<CircularCoordinates> {
    const answer = await this.#submit("circularCoordinates", input, toCallOptions(options), call);
    if (answer.kind !== "coordinates") throw new EngineError("internal", "The addon answered another operation.");
    return fromNativeCoordinates(answer.coordinates);
  }

  async computeFeatures(
    features: readonly Feature[],
    options: FeatureOptions,
    call: EngineCall = {},
  ): Promise<FeaturesResult> {
    const packed = toFeatureCall(features, options);
    const answer = await this.#submit("computeFeatures", packed.input, packed.options, call);
    if (answer.kind !== "values") throw new EngineError("internal", "The addon answered another operation.");
    return fromNativeValues(answer.values);
  }

  async estimateVietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<CostEstimate> {
    const answer = await this.#submit("estimateVietorisRips", input, options, call);
    if (answer.kind !== "estimate") throw new EngineError("internal", "The addon answered another operation.");
    return fromNativeEstimate(answer.estimate, options.maxDimension);
  }

  /** Resolves when the threads have left the callers' arrays alone, within about 100 ms. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new EngineError("engine_closed", "The engine was closed.");
    this.#queue.rejectAll(closed);
    const running = [...this.#running];
    for (const task of running) task.stop(closed);
    await Promise.allSettled(running.map((task) => task.promise));
  }

  #submit(operation: Operation, input: EngineInput, options: CallOptions, call: EngineCall): Promise<ComputedAnswer> {
    if (this.#isClosed) throw new EngineError("engine_closed", "The engine is closed.");
    if (call.signal?.aborted) throw new EngineError("cancelled", "The computation was cancelled before it began.");
    checkCall(input, options);
    const hasFreeThread = this.#running.size < this.#maxConcurrent;
    if (!hasFreeThread) this.#queue.checkRoom();
    const task = new EngineTask(operation, input, options, call);
    if (hasFreeThread) this.#run(task);
    else this.#queue.push(task);
    return task.promise;
  }

  #run(task: EngineTask): void {
    this.#running.add(task);
    try {
      const handle = this.#start(task);
      task.onStop = () => this.#addon.cancel(handle);
    } catch (error) {
      this.#settle(task, error, null);
    }
  }

  #start(task: EngineTask): Handle {
    const input = withStableArrays(toNativeInput(task.input));
    const options = toNativeOptions(task.options);
    const onProgress = task.wantsProgress ? (progress: NativeProgress) => task.report(progress) : null;
    if (task.operation === "vietorisRips") {
      return this.#addon.vietorisRips(input, options, onProgress, (error, result) =>
        this.#settle(task, error && fromNativeError(error), result && { kind: "result", ...result }),
      );
    }
    if (task.operation === "circularCoordinates") {
      return this.#addon.circularCoordinates(input, options, onProgress, (error, coordinates) =>
        this.#settle(task, error && fromNativeError(error), coordinates && { kind: "coordinates", coordinates }),
      );
    }
    if (task.operation === "computeFeatures") {
      return this.#addon.computeFeatures(input, options, onProgress, (error, values) =>
        this.#settle(task, error && fromNativeError(error), values && { kind: "values", values }),
      );
    }
    return this.#addon.estimateVietorisRips(input, options, onProgress, (error, estimate) =>
      this.#settle(task, error && fromNativeError(error), estimate && { kind: "estimate", estimate }),
    );
  }

  #settle(task: EngineTask, error: unknown, answer: ComputedAnswer | null): void {
    this.#running.delete(task);
    if (answer === null) task.reject(error);
    else task.resolve(answer);
    const next = this.#queue.shift();
    if (next !== undefined) this.#run(next);
  }
}
