import type { JobWarning } from "@tda-platform/contract/jobs";
import { JOB_PRIORITY_LIMIT } from "@tda-platform/contract/limits";
import type { Engine, EngineInput } from "@tda-platform/engine/types";
import { estimateCost, simplexBound } from "../compute/cost-limit.ts";
import type { ResolvedRequest } from "../compute/resolve-request.ts";
import { ProblemError } from "../problem.ts";

/** What a job is expected to cost. `bytes` is null for what is surely small. */
export interface JobCost {
  readonly seconds: number;
  readonly bytes: number | null;
}

/** A job that surely takes no longer than this is queued without asking the engine, and leased ahead of its turn. */
export const SMALL_JOB_SECONDS = 0.05;
/** A rate that every engine passes by far. */
const CERTAIN_SIMPLICES_PER_SECOND = 100_000;
/** The sum of so many squares of what is smaller is no infinity. */
const HARMLESS = { float64: 1e150, float32: 1e15 } as const;
const HARMLESS_METRICS = new Set(["euclidean", "manhattan", "chebyshev"]);

/**
 * The cost of a computation, and thereby whether the engine takes its input: asked of the engine, unless the input is surely
 * small and surely valid. @throws ProblemError for what the engine refuses.
 */
export async function jobCost(engine: Engine, request: ResolvedRequest, signal: AbortSignal): Promise<JobCost> {
  const seconds = simplexBound(request.input.rows, request.options.maxDimension) / CERTAIN_SIMPLICES_PER_SECOND;
  if (seconds <= SMALL_JOB_SECONDS && isSurelyValid(request.input)) return { seconds, bytes: null };
  const estimate = await estimateCost(engine, request, signal);
  return { seconds: estimate.seconds, bytes: estimate.bytes };
}

function isSurelyValid(input: EngineInput): boolean {
  if (input.kind !== "points" || !HARMLESS_METRICS.has(input.metric)) return false;
  const largest = input.values instanceof Float32Array ? HARMLESS.float32 : HARMLESS.float64;
  for (const value of input.values) if (Math.abs(value) > largest) return false;
  return true;
}

/** Refuses what is above the operator's limits; 0: no limit. @throws ProblemError `job_limit_exceeded`. */
export function refuseCostly(
  { seconds, bytes }: JobCost,
  limits: { readonly maxJobSeconds: number; readonly maxJobMemoryBytes: number },
): void {
  const { maxJobSeconds, maxJobMemoryBytes } = limits;
  const isLong = maxJobSeconds > 0 && seconds > maxJobSeconds;
  const isLarge = maxJobMemoryBytes > 0 && bytes !== null && bytes > maxJobMemoryBytes;
  if (!isLong && !isLarge) return;
  const detail = isLong
    ? `The job is estimated to take ${seconds.toPrecision(3)} s; the limit is ${maxJobSeconds} s.`
    : `The job is estimated to need ${bytes} bytes; the limit is ${maxJobMemoryBytes}.`;
  throw new ProblemError("job_limit_exceeded", detail, { members: { estimate: { seconds, bytes } } });
}

/** What the submitter should know: a job is not refused for its cost, and fails only when it really reaches a budget. */
export function costWarnings(
  { seconds, bytes }: JobCost,
  budget: { readonly memoryLimitBytes: number; readonly deadlineSeconds: number | null },
): JobWarning[] {
  const warnings: JobWarning[] = [];
  if (bytes !== null && bytes > budget.memoryLimitBytes) {
    warnings.push({
      code: "estimate_above_memory_limit",
      detail: `The job is estimated to need ${Math.round(bytes)} bytes; its budget is ${budget.memoryLimitBytes}.`,
    });
  }
  if (budget.deadlineSeconds !== null && seconds > budget.deadlineSeconds) {
    warnings.push({
      code: "estimate_above_deadline",
      detail: `The job is estimated to take ${seconds.toPrecision(3)} s; its deadline is in ${budget.deadlineSeconds} s.`,
    });
  }
  return warnings;
}

/** A step of priority outweighs every difference in cost, and is outweighed by so much waiting. */
const PRIORITY_STEP_SECONDS = 600;
const LONGEST_COST_DELAY_SECONDS = 300;
const COST_FACTOR = 10;

/**
 * How much later than its submission a job stands in its project's queue: cheap ones before costly ones, higher priorities
 * before lower ones, and whoever has waited long enough before all: no difference is larger than
 * 2 · 100 · 600 s + 300 s of waiting.
 */
export function orderDelaySeconds(cost: JobCost, priority: number): number {
  const delay = Math.min(COST_FACTOR * cost.seconds, LONGEST_COST_DELAY_SECONDS);
  const clamped = Math.max(-JOB_PRIORITY_LIMIT, Math.min(priority, JOB_PRIORITY_LIMIT));
  return (Number.isFinite(delay) ? delay : LONGEST_COST_DELAY_SECONDS) - PRIORITY_STEP_SECONDS * clamped;
}
