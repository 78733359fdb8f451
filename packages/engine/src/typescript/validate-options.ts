import { EngineError } from "../errors.ts";
import { MAX_DIMENSION } from "../native-call.ts";
import type { VietorisRipsOptions } from "../types.ts";
import { isPrimeBelow2Pow15, MAX_FIELD } from "./prime-field.ts";

/**
 * What `checkCall` leaves to the engine. Any `edgeCollapse` will do: it never changes the diagram, and this engine does not collapse.
 * @throws EngineError with the code of the native engine.
 */
export function validateOptions(options: VietorisRipsOptions): void {
  if (options.maxDimension > MAX_DIMENSION) {
    throw new EngineError(
      "invalid_dimension",
      `The largest homology dimension is at most ${MAX_DIMENSION}; it is ${options.maxDimension}.`,
    );
  }
  if (!isPrimeBelow2Pow15(options.coefficientField)) {
    throw new EngineError(
      "invalid_field",
      `The coefficient field has to be a prime from 2 to ${MAX_FIELD}; it is ${options.coefficientField}.`,
    );
  }
  if ((options.approximation ?? null) !== null) {
    throw new EngineError("not_supported", "The TypeScript engine computes exactly or not at all.");
  }
  if (options.representatives !== "none") {
    throw new EngineError("not_supported", "Representatives are the native engine's: this one computes diagrams only.");
  }
}
