import { EngineError } from "../errors.ts";
import type { VietorisRipsOptions } from "../types.ts";
import { isPrimeBelow2Pow15, MAX_FIELD } from "./prime-field.ts";

const MAX_DIMENSION = 16;
const EDGE_COLLAPSE: readonly string[] = ["auto", "on", "off"];
const REPRESENTATIVES: readonly string[] = ["none", "simplices", "cocycles", "cycles"];

/** @throws EngineError with the code that the native engine gives for the same options. */
export function validateOptions(options: VietorisRipsOptions): void {
  const { maxDimension, threshold, coefficientField, edgeCollapse, representatives, threads, memoryLimitBytes } =
    options;
  if (!Number.isInteger(maxDimension) || maxDimension < 0 || maxDimension > MAX_DIMENSION) {
    throw new EngineError(
      "invalid_dimension",
      `The dimension has to be an integer from 0 to ${MAX_DIMENSION}; it is ${maxDimension}.`,
    );
  }
  if (threshold !== null && (typeof threshold !== "number" || Number.isNaN(threshold))) {
    throw new EngineError("invalid_threshold", "The threshold is not a number.");
  }
  if (!isPrimeBelow2Pow15(coefficientField)) {
    throw new EngineError(
      "invalid_field",
      `The coefficient field has to be a prime from 2 to ${MAX_FIELD}; it is ${coefficientField}.`,
    );
  }
  if (!EDGE_COLLAPSE.includes(edgeCollapse)) {
    throw new EngineError("invalid_option", `"${edgeCollapse}" is no edge collapse mode.`);
  }
  if (!REPRESENTATIVES.includes(representatives)) {
    throw new EngineError("invalid_option", `"${representatives}" is no kind of representative.`);
  }
  if (edgeCollapse === "on") throw new EngineError("not_supported", "Edge collapse is not implemented yet.");
  if (representatives !== "none") throw new EngineError("not_supported", "Representatives are not implemented yet.");
  if (threads !== null && (!Number.isInteger(threads) || threads < 0)) {
    throw new EngineError("invalid_option", `The number of threads has to be a whole number; it is ${threads}.`);
  }
  if (memoryLimitBytes !== null && !(memoryLimitBytes >= 0)) {
    throw new EngineError("invalid_option", `The memory limit has to be a number of bytes; it is ${memoryLimitBytes}.`);
  }
}
