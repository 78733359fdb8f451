import { checkCall } from "./check-call.ts";
import { type ComputedAnswer, EngineTask } from "./engine-task.ts";
import { EngineError } from "./errors.ts";
import { toFeatureCall } from "./features.ts";
import type { Operation } from "./frame-layout.ts";
import type { HostAnswer } from "./host-process.ts";
import {
  type CallOptions,
  fromNativeCoordinates,
  fromNativeError,
  fromNativeEstimate,
  fromNativeResult,
  fromNativeValues,
  toCallOptions,
} from "./native-call.ts";
import { type HostPoolOptions, type HostPoolSettings, resolvePoolOptions } from "./pool-options.ts";
import { PoolSlot, type SlotState } from "./pool-slot.ts";
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

export interface HostPoolStatistics {
  readonly queued: number;
  readonly hosts: readonly {
    /** null while there is no host in this place. */
    readonly processId: number | null;
    readonly state: SlotState;
    /** Answers of this host since it started. */
    readonly computations: number;
    /** Resident memory after its last answer. */
    readonly residentBytes: number;
  }[];
}

/** The engine in processes of its own. A crash, a memory limit or a stuck computation ends that computation, never the caller. */
export interface HostPool extends Engine {
  statistics(): HostPoolStatistics;
}

/**
 * Starts the hosts and waits until each has said hello.
 *
 * A computation whose host dies is tried once more (or as often as its call says), on a fresh host; if that dies too it fails with `engine_crashed`.
 * Large input arrays are written to the host as they are, without a copy: none may change until the call has settled.
 * Hosts with nothing to do do not keep the calling process alive.
 *
 * @throws EngineError `engine_unavailable` when a host cannot be started
 */
export async function createHostPool(options: HostPoolOptions = {}): Promise<HostPool> {
  const pool = new Pool(resolvePoolOptions(options));
  await pool.start();
  return pool;
}

class Pool implements HostPool {
  readonly kind = "native";
  version = "";
  readonly #settings: HostPoolSettings;
  readonly #slots: PoolSlot[];
  readonly #queue: TaskQueue;
  /** Tasks that wait for the replacement of the host that died under them. */
  readonly #retries = new Map<PoolSlot, EngineTask>();
  readonly #running = new Set<EngineTask>();
  #isClosed = false;

  constructor(settings: HostPoolSettings) {
    this.#settings = settings;
    this.#queue = new TaskQueue(settings.maxQueued);
    const owner = {
      onIdle: (slot: PoolSlot) => this.#dispatch(slot),
      onStartFailed: (slot: PoolSlot, reason: string) => this.#onStartFailed(slot, reason),
    };
    this.#slots = Array.from({ length: settings.size }, () => new PoolSlot(settings, owner));
  }

  async start(): Promise<void> {
    const reasons = await Promise.all(this.#slots.map((slot) => slot.start()));
    const failure = reasons.find((reason) => reason !== null);
    if (typeof failure === "string") {
      await this.close();
      throw this.#unavailable(failure);
    }
    this.version = this.#slots[0]?.host?.hello.engineVersion ?? "";
  }

  statistics(): HostPoolStatistics {
    const hosts = this.#slots.map(({ host, state, computations, residentBytes }) => ({
      processId: host?.processId ?? null,
      state,
      computations,
      residentBytes,
    }));
    return { queued: this.#queue.length + this.#retries.size, hosts };
  }

  async vietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<VietorisRipsResult> {
    const answer = await this.#submit("vietorisRips", input, options, call);
    if (answer.kind !== "result") throw wrongAnswer();
    return fromNativeResult(answer);
  }

  async circularCoordinates(
    input: EngineInput,
    options: CircularCoordinatesOptions,
    call: EngineCall = {},
  ): Promise<CircularCoordinates> {
    const answer = await this.#submit("circularCoordinates", input, toCallOptions(options), call);
    if (answer.kind !== "coordinates") throw wrongAnswer();
    return fromNativeCoordinates(answer.coordinates);
  }

  async computeFeatures(
    features: readonly Feature[],
    options: FeatureOptions,
    call: EngineCall = {},
  ): Promise<FeaturesResult> {
    const packed = toFeatureCall(features, options);
    const answer = await this.#submit("computeFeatures", packed.input, packed.options, call);
    if (answer.kind !== "values") throw wrongAnswer();
    return fromNativeValues(answer.values);
  }

  async estimateVietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<CostEstimate> {
    const answer = await this.#submit("estimateVietorisRips", input, options, call);
    if (answer.kind !== "estimate") throw wrongAnswer();
    return fromNativeEstimate(answer.estimate, options.maxDimension);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new EngineError("engine_closed", "The engine was closed.");
    this.#queue.rejectAll(closed);
    for (const task of this.#retries.values()) task.reject(closed);
    this.#retries.clear();
    for (const task of this.#running) {
      task.onStop = () => undefined;
      task.stop(closed);
    }
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #submit(operation: Operation, input: EngineInput, options: CallOptions, call: EngineCall): Promise<ComputedAnswer> {
    if (this.#isClosed) throw new EngineError("engine_closed", "The engine is closed.");
    if (call.signal?.aborted) throw new EngineError("cancelled", "The computation was cancelled before it began.");
    checkCall(input, options);
    const idle = this.#slots.find((slot) => slot.state === "idle");
    if (idle === undefined) this.#queue.checkRoom();
    const task = new EngineTask(operation, input, options, call);
    this.#queue.push(task);
    if (idle !== undefined) this.#dispatch(idle);
    else this.#slots.find((slot) => slot.state === "resting")?.wake();
    return task.promise;
  }

  #dispatch(slot: PoolSlot): void {
    const task = this.#retries.get(slot) ?? this.#queue.shift();
    this.#retries.delete(slot);
    if (task !== undefined) void this.#run(slot, task);
  }

  async #run(slot: PoolSlot, task: EngineTask): Promise<void> {
    this.#running.add(task);
    const processId = slot.host?.processId ?? 0;
    const answer = await slot.compute(task);
    this.#running.delete(task);
    if (answer.kind === "lost") this.#onLost(slot, task, processId, answer);
    else if (answer.kind === "error") task.reject(fromNativeError(answer.error));
    else task.resolve(answer);
  }

  #onLost(slot: PoolSlot, task: EngineTask, processId: number, answer: HostAnswer & { kind: "lost" }): void {
    if (task.isStopped || task.attempts >= task.maxAttempts || this.#isClosed) {
      task.reject(new EngineError("engine_crashed", `The engine stopped working on this input. ${answer.reason}`));
      return;
    }
    this.#settings.onEvent({ type: "computation-retried", processId });
    this.#retries.set(slot, task);
    task.onStop = () => {
      this.#retries.delete(slot);
      task.settleStopped();
    };
  }

  #onStartFailed(slot: PoolSlot, reason: string): void {
    const retry = this.#retries.get(slot);
    this.#retries.delete(slot);
    retry?.reject(new EngineError("engine_crashed", `The engine stopped working and cannot be restarted. ${reason}`));
    if (this.#slots.some(({ state }) => state !== "backing-off" && state !== "resting")) return;
    this.#queue.rejectAll(this.#unavailable(reason));
  }

  #unavailable(reason: string): EngineError {
    const where = this.#settings.executable;
    return new EngineError(
      "engine_unavailable",
      `The engine host ${where} does not start; run "npm start", which builds it. ${reason}`,
    );
  }
}

function wrongAnswer(): EngineError {
  return new EngineError("internal", "The engine host answered another operation than was asked.");
}
