import type { CostEstimateBody } from "@tda-platform/contract/compute-results";
import type { CostEstimate, Engine } from "@tda-platform/engine/types";
import { ProblemError } from "../problem.ts";
import { approximationHint } from "./approximation-hint.ts";
import { withEngineProblems } from "./engine-problem.ts";
import type { ResolvedRequest } from "./resolve-request.ts";
import { finiteOrNull } from "./result-body.ts";

/** A rate that every engine passes by far: what has fewer simplices than this in the limit needs no estimate. */
const CERTAIN_SIMPLICES_PER_SECOND = 100_000;

/** Simplices of the full complex up to the dimension above the highest that is asked for: no input has more. */
export function simplexBound(points: number, maxDimension: number): number {
  let total = 0;
  let binomial = 1;
  for (let size = 1; size <= Math.min(points, maxDimension + 2); size++) {
    binomial = (binomial * (points - size + 1)) / size;
    total += binomial;
  }
  return total;
}

/** Whether a computation is surely below the limit, without looking at the data. */
export function isSurelyCheap(request: ResolvedRequest, limitSeconds: number): boolean {
  const bound = simplexBound(request.input.rows, request.options.maxDimension);
  return bound <= limitSeconds * CERTAIN_SIMPLICES_PER_SECOND;
}

/** The engine's estimate, with its errors as problems. */
export async function estimateCost(
  engine: Engine,
  request: ResolvedRequest,
  signal: AbortSignal,
): Promise<CostEstimate> {
  return await withEngineProblems(request, engine.estimateVietorisRips(request.input, request.options, { signal }));
}

export function estimateBody(estimate: CostEstimate): CostEstimateBody {
  const { exact, points, edges, simplices, bytes, seconds, threshold } = estimate;
  return { exact, points, edges, simplices: [...simplices], bytes, seconds, threshold: finiteOrNull(threshold) };
}

/** The problem of a request that would have to become a job. */
export function costLimitProblem(
  detail: string,
  request: ResolvedRequest,
  estimate: CostEstimate,
  limitSeconds: number,
): ProblemError {
  return new ProblemError("cost_limit_exceeded", detail, {
    members: {
      estimate: estimateBody(estimate),
      synchronous_limit_seconds: limitSeconds,
      hint: approximationHint(request.parameters.approximation),
    },
  });
}
