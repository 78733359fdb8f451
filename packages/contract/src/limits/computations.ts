import type { LimitDefinition } from "./definition.ts";
import { MAX_CHAIN_SIMPLICES, MAX_COEFFICIENT_FIELD, MAX_THREADS, SYNC_DEADLINE_FACTOR } from "./values.ts";

/** Of one computation, and of those at the same time. */
export const COMPUTATIONS_LIMITS = {
  points: {
    unit: "points",
    value: { setting: "maxPoints" },
    summary: "Points of one input.",
    problem: "point_limit_exceeded",
  },
  max_dimension: {
    unit: "dimensions",
    value: { setting: "maxDimension" },
    summary: "Highest homology dimension of a computation.",
    problem: "dimension_limit_exceeded",
  },
  coefficient_field: {
    unit: "count",
    value: { fixed: MAX_COEFFICIENT_FIELD },
    summary: "Largest prime that can be the coefficient field.",
    problem: "invalid_coefficient_field",
  },
  threads: {
    unit: "count",
    value: { fixed: MAX_THREADS },
    summary: "Threads that a request may ask for; the engine uses no more than the machine has.",
    problem: "validation_failed",
  },
  memory_bytes: {
    unit: "bytes",
    value: { setting: "memoryLimitBytes" },
    summary: "Memory of one computation; a larger `memory_limit_bytes` is lowered to it.",
    problem: "memory_limit_exceeded",
  },
  synchronous_seconds: {
    unit: "seconds",
    value: { setting: "syncLimitSeconds" },
    summary: "Estimated time of a computation that is answered synchronously.",
    problem: "cost_limit_exceeded",
  },
  synchronous_deadline_factor: {
    unit: "times",
    value: { fixed: SYNC_DEADLINE_FACTOR },
    summary: "A synchronous computation that takes this many times `synchronous_seconds` is cancelled.",
    problem: "computation_timeout",
  },
  concurrent_computations: {
    unit: "computations",
    value: { setting: "maxConcurrentComputations" },
    summary: "Computations that run at the same time.",
    problem: null,
  },
  queued_computations: {
    unit: "computations",
    value: { setting: "maxQueuedComputations" },
    summary: "Computations that wait for their turn.",
    problem: "overloaded",
  },
  chain_simplices: {
    unit: "count",
    value: { fixed: MAX_CHAIN_SIMPLICES },
    summary: "Simplices of all cocycles or cycles of one answer.",
    problem: "result_too_large",
  },
} as const satisfies Record<string, LimitDefinition>;
