import type { ComputedAnswer } from "../engine-task.ts";
import type { EngineErrorCode, EngineErrorPlace } from "../errors.ts";
import type { Operation } from "../frame-layout.ts";
import type { CallOptions, NativeProgress } from "../native-call.ts";
import type { EngineInput } from "../types.ts";

/** From the engine to its worker: the module once, then one computation at a time. */
export type ToWorker =
  | { readonly kind: "module"; readonly module: WebAssembly.Module; readonly maximumMemoryBytes: number }
  | {
      readonly kind: "compute";
      readonly operation: Operation;
      readonly input: EngineInput;
      readonly options: CallOptions;
      readonly wantsProgress: boolean;
    };

/** And back. */
export type FromWorker =
  | { readonly kind: "ready"; readonly version: string }
  | { readonly kind: "progress"; readonly progress: NativeProgress }
  | { readonly kind: "answer"; readonly answer: ComputedAnswer }
  | {
      readonly kind: "error";
      readonly code: EngineErrorCode;
      readonly message: string;
      readonly place: EngineErrorPlace;
    };
