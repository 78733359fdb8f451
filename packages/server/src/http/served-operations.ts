import { OPERATION_IDS, type OperationId } from "@tda-platform/contract/operations";
import type { Settings } from "../config/settings.ts";

/** What an instance without the role `serve` answers: whether it lives, and what it does. */
const OF_EVERY_ROLE: ReadonlySet<OperationId> = new Set([
  "health.live",
  "health.ready",
  "health.dependencies",
  "metrics.read",
]);

/** The operations that this server has: all of the contract's but those that its role or a setting switches off. */
export function servedOperations({ featureEnableMetrics, roles }: Settings): OperationId[] {
  return OPERATION_IDS.filter(
    (id) => (roles.includes("serve") || OF_EVERY_ROLE.has(id)) && (id !== "metrics.read" || featureEnableMetrics),
  );
}
