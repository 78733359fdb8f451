import type { Static } from "typebox";
import { APPROXIMATION_METHODS, RESOLVED_RIPS_PARAMETERS_SCHEMA } from "./compute-parameters.ts";
import { idPattern } from "./identifiers.ts";

const count = { type: "integer", minimum: 0 } as const;
const amount = { type: "number", minimum: 0 } as const;

/** `diagrams[k]` lists the [birth, death] pairs of dimension k by birth, then death; an infinite death is null, last. */
export const DIAGRAMS_SCHEMA = {
  type: "array",
  description:
    "One diagram per dimension 0 to max_dimension: [birth, death] pairs sorted by birth, then death. A bar that never ends has death null. Zero-length bars are left out.",
  items: {
    type: "array",
    items: { type: "array", minItems: 2, maxItems: 2, items: { type: ["number", "null"] } },
  },
} as const;

const vertices = { type: "array", items: count } as const;
const simplices = {
  type: "array",
  items: vertices,
  description: "Vertices ascending: each simplex is oriented by them. The first is the birth simplex.",
} as const;
const coefficients = {
  type: "array",
  items: { type: "integer", minimum: 1 },
  description: "Of each simplex, in 1 to p − 1; that of the birth simplex is 1.",
} as const;

/** `representatives[k][i]` belongs to the bar `diagrams[k][i]`. */
export const REPRESENTATIVES_SCHEMA = {
  description:
    "null for `none`; otherwise one list per dimension, one entry for each bar of the diagram, in its order (bars that are equal: by birth simplex in the order of the filtration). Vertices are the rows of the input.",
  anyOf: [
    { type: "null" },
    {
      type: "array",
      items: {
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["birth_simplex", "death_simplex"],
          properties: {
            birth_simplex: vertices,
            death_simplex: { anyOf: [vertices, { type: "null" }], description: "null for a bar that never ends." },
            cocycle: {
              type: "object",
              additionalProperties: false,
              required: ["simplices", "coefficients"],
              description:
                "`cocycles`, dimension 1 and above. Of the simplices shorter than the death: restricted to those of at most s it is a cocycle of the complex at every scale s from birth to before death, and no coboundary.",
              properties: { simplices, coefficients },
            },
            cycle: {
              type: "object",
              additionalProperties: false,
              required: ["simplices", "coefficients"],
              description:
                "`cycles`, dimension 1 and above. Born with the bar: no simplex is later than the birth simplex, the boundary is zero, the bar's cocycle is not zero on it. Dimension 1: the shortest loop through the birth edge by earlier edges. Above: becomes a boundary at the death; shortened by local moves.",
              properties: {
                simplices,
                coefficients,
                vertices: {
                  ...vertices,
                  description: "Dimension 1: the loop in order; the last is joined to the first.",
                },
              },
            },
          },
        },
      },
    },
  ],
} as const;

export const PROVENANCE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "input_sha256",
    "scale",
    "coefficient_field",
    "threshold",
    "truncated",
    "method",
    "error_bound",
    "error_kind",
    "cover_radius",
    "engine",
    "engine_version",
  ],
  properties: {
    input_sha256: {
      type: "string",
      pattern: "^[0-9a-f]{64}$",
      description: "SHA-256 of the input in canonical form: equal for equal inputs, however they were sent.",
    },
    scale: { const: "diameter", description: "A simplex appears at the length of its longest edge." },
    coefficient_field: { type: "integer", minimum: 2 },
    threshold: { type: ["number", "null"], description: "The threshold that was used; null when it is infinite." },
    truncated: { type: "boolean", description: "The threshold is below the enclosing radius." },
    method: {
      type: "string",
      enum: ["exact", ...APPROXIMATION_METHODS],
      description: "What was computed. Never anything but `exact` unless an approximation was asked for.",
    },
    error_bound: { ...amount, description: "What it bounds, `error_kind` says; 0: exact." },
    error_kind: {
      type: "string",
      enum: ["none", "additive", "multiplicative"],
      description:
        "`additive`: the bottleneck distance of each diagram from the exact one is at most `error_bound`. `multiplicative`: births and deaths are 1 to `error_bound` times those of the exact bars that they are matched with; bars without a match have death ≤ `error_bound` · birth. Both are about the diagrams of no threshold: a threshold cuts the approximate one as it would the exact one.",
    },
    cover_radius: {
      type: ["number", "null"],
      minimum: 0,
      description: "Of a subsample: the largest distance of a point from it. Else null.",
    },
    engine: { type: "string", enum: ["native", "typescript"] },
    engine_version: { type: "string" },
  },
} as const;

export const STATISTICS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["points", "edges", "simplices", "compute_ms", "peak_bytes"],
  properties: {
    points: { ...count, description: "Points born at or below the threshold." },
    edges: {
      ...count,
      description:
        "Edges at or below the threshold; of points in dimension 0 alone, those of a minimum spanning forest; of many points in dimension 1, maybe only those up to a length at which the diagrams are complete.",
    },
    simplices: { ...count, description: "Simplices that were looked at." },
    compute_ms: {
      ...amount,
      description:
        "Wall time of the engine, from points in memory to diagrams. A cached answer has that of its computation.",
    },
    peak_bytes: { ...count, description: "Most memory that the engine held." },
  },
} as const;

/** Answer of `compute.vietoris_rips`. */
export const RIPS_RESULT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "algorithm", "parameters", "diagrams", "representatives", "provenance", "statistics"],
  properties: {
    id: { type: "string", pattern: idPattern("cmp"), description: "New for each answer, cached or not." },
    algorithm: { const: "vietoris-rips" },
    parameters: RESOLVED_RIPS_PARAMETERS_SCHEMA,
    diagrams: DIAGRAMS_SCHEMA,
    representatives: REPRESENTATIVES_SCHEMA,
    provenance: PROVENANCE_SCHEMA,
    statistics: STATISTICS_SCHEMA,
  },
} as const;
export type RipsResult = Static<typeof RIPS_RESULT_SCHEMA>;

export const COST_ESTIMATE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["exact", "points", "edges", "simplices", "bytes", "seconds", "threshold"],
  properties: {
    exact: { type: "boolean", description: "Counted, not sampled." },
    points: count,
    edges: amount,
    simplices: {
      type: "array",
      items: amount,
      description: "Simplices of each dimension from 0 to max_dimension + 1 at or below the threshold.",
    },
    bytes: { ...amount, description: "Most memory that the engine is expected to hold." },
    seconds: { ...amount, description: "Expected time on one core." },
    threshold: { type: ["number", "null"], description: "The threshold after defaults; null when it is infinite." },
  },
} as const;
export type CostEstimateBody = Static<typeof COST_ESTIMATE_SCHEMA>;

/** Answer of `compute.estimate`. */
export const ESTIMATE_RESULT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["algorithm", "parameters", "synchronous", "synchronous_limit_seconds", ...COST_ESTIMATE_SCHEMA.required],
  properties: {
    algorithm: { const: "vietoris-rips" },
    parameters: RESOLVED_RIPS_PARAMETERS_SCHEMA,
    ...COST_ESTIMATE_SCHEMA.properties,
    synchronous: { type: "boolean", description: "Whether the computation would be answered synchronously." },
    synchronous_limit_seconds: amount,
  },
} as const;
export type EstimateResult = Static<typeof ESTIMATE_RESULT_SCHEMA>;
