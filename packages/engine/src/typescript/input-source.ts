import type { EngineInput } from "../types.ts";
import { type Budget, MAX_PAIRS, MAX_SIMPLICES, sizeLimitError } from "./budget.ts";
import type { DistanceSource } from "./distance-source.ts";
import { matrixSource } from "./matrix-source.ts";
import { pointsSource } from "./points-source.ts";
import { sparseSource } from "./sparse-source.ts";

/**
 * Expects an input that `checkCall` has accepted.
 * @throws EngineError with the code and place that the native engine gives for the same data.
 */
export function distanceSource(input: EngineInput, budget: Budget): DistanceSource {
  if (input.rows > MAX_SIMPLICES) throw sizeLimitError(`${MAX_SIMPLICES} points`, budget.bytes, 0);
  if (input.kind === "sparse-distances") return sparseSource(input);
  if ((input.rows * (input.rows - 1)) / 2 > MAX_PAIRS) {
    throw sizeLimitError(`${MAX_PAIRS} pairs of points`, budget.bytes, 0);
  }
  return input.kind === "points" ? pointsSource(input) : matrixSource(input);
}
