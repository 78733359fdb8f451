import { availableParallelism, totalmem } from "node:os";

const engineHostsAtMost = 8;

export interface AutomaticValues {
  readonly engineHosts: number;
  readonly maxConcurrentComputations: number;
  readonly memoryLimitBytes: number;
  readonly jobConcurrency: number;
  readonly rateLimitBurst: number;
}

/** Fills in what is left to the machine. The budgets of all concurrent computations together leave a quarter free. */
export function automaticValues(
  given: Partial<AutomaticValues> & { readonly rateLimitPerSecond?: number },
): AutomaticValues {
  const engineHosts = given.engineHosts ?? Math.min(availableParallelism(), engineHostsAtMost);
  const maxConcurrentComputations = given.maxConcurrentComputations ?? engineHosts;
  const share = (memoryBytes() * 3) / 4 / maxConcurrentComputations;
  const memoryLimitBytes = given.memoryLimitBytes ?? Math.max(2 ** 20, Math.floor(share));
  // One host stays free for those who wait for an answer.
  const jobConcurrency = given.jobConcurrency ?? Math.max(1, engineHosts - 1);
  const rateLimitBurst = given.rateLimitBurst ?? Math.max(1, Math.floor(given.rateLimitPerSecond ?? 0));
  return { engineHosts, jobConcurrency, maxConcurrentComputations, memoryLimitBytes, rateLimitBurst };
}

/** The container's limit where there is one: without a limit, constrainedMemory() is 0 or beyond the machine's memory. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
