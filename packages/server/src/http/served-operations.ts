import { OPERATION_IDS, type OperationId } from "@tda-platform/contract/operations";
import type { Settings } from "../config/settings.ts";

/** The operations that this server has: all of the contract's but those that a setting switches off. */
export function servedOperations({ featureEnableMetrics }: Settings): OperationId[] {
  return OPERATION_IDS.filter((id) => id !== "metrics.read" || featureEnableMetrics);
}
