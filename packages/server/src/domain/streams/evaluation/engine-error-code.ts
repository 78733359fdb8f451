import { EngineError, type EngineErrorCode } from "@tda-platform/engine/errors";

/** null: it is no error of the engine's. */
export function engineErrorCode(error: unknown): EngineErrorCode | null {
  return error instanceof EngineError ? error.code : null;
}
