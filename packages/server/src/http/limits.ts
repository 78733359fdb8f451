import type { FlightLeases } from "../domain/compute/shared-flight.ts";
import type { IdempotencyStore } from "../domain/limits/idempotency.ts";
import type { UsageStore } from "../domain/limits/ports.ts";
import type { ProjectQuotas } from "../domain/limits/project-quotas.ts";
import type { RateLimits } from "./rate-limits.ts";

/** What bounds callers and projects, and counts what they use. */
export interface Limits {
  readonly quotas: ProjectQuotas;
  readonly rates: RateLimits;
  readonly usage: UsageStore;
  readonly idempotency: IdempotencyStore;
  readonly leases: FlightLeases;
}
