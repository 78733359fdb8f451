import type { ComputedAnswer } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import type { Operation } from "../frame-layout.ts";
import { type CallOptions, type NativeProgress, toNativeInput, toNativeOptions } from "../native-call.ts";
import type { EngineInput } from "../types.ts";
import { WasmInstance } from "./instance.ts";

/** An instance whose memory has grown beyond this is not kept: WebAssembly gives memory back only with the instance. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Computes on the calling thread. The instance of the last computation serves the next, unless it has grown or failed. */
export class WasmComputer {
  readonly version: string;
  readonly #module: WebAssembly.Module;
  readonly #maximumMemoryBytes: number;
  #idle: WasmInstance | null;

  static async create(module: WebAssembly.Module, maximumMemoryBytes: number): Promise<WasmComputer> {
    return new WasmComputer(module, maximumMemoryBytes, await WasmInstance.create(module, maximumMemoryBytes));
  }

  private constructor(module: WebAssembly.Module, maximumMemoryBytes: number, first: WasmInstance) {
    this.#module = module;
    this.#maximumMemoryBytes = maximumMemoryBytes;
    this.#idle = first;
    this.version = first.version;
  }

  /**
   * Expects what `checkCall` has accepted.
   * @param isStopped asked once before it begins, since an instance may have to be made first
   * @throws EngineError
   */
  async compute(
    operation: Operation,
    input: EngineInput,
    options: CallOptions,
    onProgress: (progress: NativeProgress) => boolean,
    isStopped: () => boolean = () => false,
  ): Promise<ComputedAnswer> {
    const kept = this.#idle;
    this.#idle = null;
    const instance = kept ?? (await WasmInstance.create(this.#module, this.#maximumMemoryBytes));
    let isSound = true;
    try {
      if (isStopped()) throw new EngineError("cancelled", "The computation was cancelled before it began.");
      return instance.compute(operation, toNativeInput(input), toNativeOptions(options), onProgress);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      isSound = false;
      throw new EngineError("engine_crashed", `The engine's instance ended: ${error}.`, {}, { cause: error });
    } finally {
      if (isSound && instance.memoryBytes <= KEPT_BYTES) this.#idle = instance;
    }
  }
}
