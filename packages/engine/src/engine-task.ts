import { EngineError } from "./errors.ts";
import type { Operation } from "./frame-layout.ts";
import {
  type CallOptions,
  fromNativeProgress,
  type NativeCoordinates,
  type NativeEstimate,
  type NativeProgress,
  type NativeResult,
  type NativeValues,
} from "./native-call.ts";
import type { EngineCall, EngineInput } from "./types.ts";

export type ComputedAnswer =
  | ({ readonly kind: "result" } & NativeResult)
  | { readonly kind: "coordinates"; readonly coordinates: NativeCoordinates }
  | { readonly kind: "values"; readonly values: NativeValues }
  | { readonly kind: "estimate"; readonly estimate: NativeEstimate };

const DEFAULT_ATTEMPTS = 2;

/**
 * One call on its way: waiting, computed (again where its host dies), settled once. `onStop` is what its present
 * holder does when the caller gives it up.
 */
export class EngineTask {
  readonly operation: Operation;
  readonly input: EngineInput;
  readonly options: CallOptions;
  readonly promise: Promise<ComputedAnswer>;
  readonly maxAttempts: number;
  /** How many hosts have started on it. */
  attempts = 0;
  onStop: () => void = () => undefined;
  readonly #call: EngineCall;
  readonly #abort = () => this.stop(new EngineError("cancelled", "The computation was cancelled."));
  #resolve!: (answer: ComputedAnswer) => void;
  #reject!: (error: unknown) => void;
  #stopReason: unknown = null;
  #isStopped = false;
  #fraction = 0;

  constructor(operation: Operation, input: EngineInput, options: CallOptions, call: EngineCall) {
    this.operation = operation;
    this.input = input;
    this.options = options;
    this.#call = call;
    this.maxAttempts = call.attempts ?? DEFAULT_ATTEMPTS;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    call.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get wantsProgress(): boolean {
    return this.#call.onProgress !== undefined;
  }

  /** Gives the task up: whatever its host still answers, the caller sees this reason. */
  stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopReason = reason;
    this.onStop();
  }

  resolve(answer: ComputedAnswer): void {
    this.#release();
    if (this.#isStopped) this.#reject(this.#stopReason);
    else this.#resolve(answer);
  }

  reject(error: unknown): void {
    this.#release();
    this.#reject(this.#isStopped ? this.#stopReason : error);
  }

  /** Rejects with the reason for which it was stopped. */
  settleStopped(): void {
    this.reject(this.#stopReason);
  }

  /**
   * Passes progress on. A second attempt starts again at nothing; the caller's fraction stays where it was until it is
   * passed. A listener that throws stops the task with what it threw.
   */
  report(progress: NativeProgress): void {
    if (this.#isStopped || this.#call.onProgress === undefined) return;
    this.#fraction = Math.max(this.#fraction, progress.fraction);
    try {
      this.#call.onProgress({ ...fromNativeProgress(progress), fraction: this.#fraction });
    } catch (error) {
      this.stop(error);
    }
  }

  #release(): void {
    this.#call.signal?.removeEventListener("abort", this.#abort);
  }
}
