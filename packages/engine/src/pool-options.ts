import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { defaultHostExecutable } from "./locate-build.ts";

/** What happens in a pool, for logs and metrics. */
export type HostPoolEvent =
  | { readonly type: "host-started"; readonly processId: number; readonly engineVersion: string }
  | { readonly type: "host-start-failed"; readonly reason: string; readonly retryAfterMs: number }
  | { readonly type: "host-lost"; readonly processId: number; readonly reason: string }
  | { readonly type: "host-recycled"; readonly processId: number; readonly residentBytes: number }
  | { readonly type: "host-rested"; readonly processId: number }
  | { readonly type: "host-killed"; readonly processId: number; readonly reason: "cancel-grace" }
  | { readonly type: "computation-retried"; readonly processId: number }
  | { readonly type: "host-log"; readonly processId: number; readonly line: string };

export interface HostPoolOptions {
  /** Hosts kept warm, which is also how many computations run at once. Default: the processors available. */
  readonly size?: number;
  /** Default: what `npm start` built. */
  readonly executable?: string;
  /** A host whose resident memory is above this after a computation is replaced. Default 512 MiB. */
  readonly recycleBytes?: number;
  /** A host that has had nothing to do for so long is ended until there is work again; null (default) keeps all warm. */
  readonly idleMs?: number | null;
  /** Upper bound of each computation's memory budget, its input included; null (default) = none. */
  readonly memoryLimitBytes?: number | null;
  /**
   * Address space of a host, the hard stop below the budget. Default: twice memoryLimitBytes and 1 GiB, for the stacks
   * and the slack of the allocator; null = none, also the default without a memoryLimitBytes.
   */
  readonly addressSpaceBytes?: number | null;
  /** Computations that may wait for a host; more are refused with `engine_overloaded`. Default 64. */
  readonly maxQueued?: number;
  /** Largest diagram that is accepted from a host. Default 4 GiB. */
  readonly maxDiagramBytes?: number;
  /** Default 10 s. */
  readonly startTimeoutMs?: number;
  /** How long a cancelled computation may take to stop before its host is killed. Default 1 s. */
  readonly cancelGraceMs?: number;
  readonly onEvent?: (event: HostPoolEvent) => void;
}

export type HostPoolSettings = Required<HostPoolOptions>;

const GIB = 2 ** 30;

/** A listener that throws is the caller's mistake, and must surface, but not in the middle of the pool's bookkeeping. */
function guard(listener: (event: HostPoolEvent) => void): (event: HostPoolEvent) => void {
  return (event) => {
    try {
      listener(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}

export function resolvePoolOptions(options: HostPoolOptions): HostPoolSettings {
  const memoryLimitBytes = options.memoryLimitBytes ?? null;
  const defaultAddressSpace = memoryLimitBytes === null ? null : 2 * memoryLimitBytes + GIB;
  const settings = {
    size: options.size ?? availableParallelism(),
    // Hosts do not run in the current directory.
    executable: resolve(options.executable ?? defaultHostExecutable()),
    recycleBytes: options.recycleBytes ?? 512 * 2 ** 20,
    idleMs: options.idleMs ?? null,
    memoryLimitBytes,
    addressSpaceBytes: options.addressSpaceBytes === undefined ? defaultAddressSpace : options.addressSpaceBytes,
    maxQueued: options.maxQueued ?? 64,
    maxDiagramBytes: options.maxDiagramBytes ?? 4 * GIB,
    startTimeoutMs: options.startTimeoutMs ?? 10_000,
    cancelGraceMs: options.cancelGraceMs ?? 1000,
    onEvent: guard(options.onEvent ?? (() => undefined)),
  };
  if (!Number.isInteger(settings.size) || settings.size < 1) {
    throw new RangeError("The size of an engine pool must be a whole number, 1 or more.");
  }
  if (!Number.isInteger(settings.maxQueued) || settings.maxQueued < 0) {
    throw new RangeError("The queue of an engine pool must be a whole number, 0 or more.");
  }
  return settings;
}
