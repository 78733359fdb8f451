import type { Static } from "typebox";
import { RIPS_INPUT_PROPERTIES, RIPS_REQUEST_SCHEMA } from "./compute-input.ts";
import { RESOLVED_RIPS_PARAMETERS_SCHEMA, RIPS_PARAMETER_PROPERTIES } from "./compute-parameters.ts";
import { PROVENANCE_SCHEMA, STATISTICS_SCHEMA } from "./compute-results.ts";
import { idPattern } from "./identifiers.ts";

/** Large enough that a cocycle's small coefficients stay small, and that torsion of small order does not show. */
export const CIRCULAR_DEFAULT_FIELD = 41;

const { metric, minkowski_p, threshold, coefficient_field, threads, memory_limit_bytes } = RIPS_PARAMETER_PROPERTIES;

/** Parameters of circular coordinates, as JSON fields. All are optional. */
export const CIRCULAR_PARAMETER_PROPERTIES = {
  metric,
  minkowski_p,
  threshold,
  coefficient_field: {
    ...coefficient_field,
    minimum: 3,
    default: CIRCULAR_DEFAULT_FIELD,
    description: "The cocycle is taken over Z/p, for an odd prime p, and lifted to integers.",
  },
  bar: {
    anyOf: [
      { type: "string", enum: ["longest"] },
      {
        type: "object",
        additionalProperties: false,
        required: ["dimension", "index"],
        properties: { dimension: { const: 1 }, index: { type: "integer", minimum: 0, maximum: 4_294_967_295 } },
      },
    ],
    default: "longest",
    description: "The bar: `longest`, or its place in `diagrams[1]` of the computation with the same parameters.",
  },
  scale: {
    type: ["number", "null"],
    default: null,
    description:
      "The complex is taken at this scale, from the bar's birth to before its death. Not given: half way; for a bar that never ends, the longest edge.",
  },
  threads,
  memory_limit_bytes,
} as const;

export const CIRCULAR_PARAMETERS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: CIRCULAR_PARAMETER_PROPERTIES,
} as const;
export type CircularParameters = Static<typeof CIRCULAR_PARAMETERS_SCHEMA>;

/** Body of `compute.circular_coordinates`. */
export const CIRCULAR_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: { ...RIPS_INPUT_PROPERTIES, ...CIRCULAR_PARAMETER_PROPERTIES },
  oneOf: RIPS_REQUEST_SCHEMA.oneOf,
} as const;

const REQUEST_FIELDS = {
  type: "object",
  additionalProperties: false,
  properties: CIRCULAR_REQUEST_SCHEMA.properties,
} as const;
export type CircularRequest = Static<typeof REQUEST_FIELDS>;

const resolved = RESOLVED_RIPS_PARAMETERS_SCHEMA.properties;
const { simplices: _simplices, ...statistics } = STATISTICS_SCHEMA.properties;

/** Answer of `compute.circular_coordinates`. */
export const CIRCULAR_RESULT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "algorithm", "parameters", "coordinates", "bar", "fit", "provenance", "statistics"],
  properties: {
    id: { type: "string", pattern: idPattern("cmp"), description: "New for each answer." },
    algorithm: { const: "circular-coordinates" },
    parameters: {
      type: "object",
      additionalProperties: false,
      required: Object.keys(CIRCULAR_PARAMETER_PROPERTIES),
      properties: {
        metric: resolved.metric,
        minkowski_p: resolved.minkowski_p,
        threshold: resolved.threshold,
        coefficient_field: { ...resolved.coefficient_field, minimum: 3 },
        bar: CIRCULAR_PARAMETER_PROPERTIES.bar,
        scale: { type: ["number", "null"] },
        threads: resolved.threads,
        memory_limit_bytes: resolved.memory_limit_bytes,
      },
    },
    coordinates: {
      type: "array",
      items: { type: ["number", "null"], minimum: 0, exclusiveMaximum: 1 },
      description:
        "For each point in turns: 0 and 1 are one place. null: the point is not in the complex at the scale. The first point of each component is at 0.",
    },
    bar: {
      type: "object",
      additionalProperties: false,
      required: ["dimension", "index", "birth", "death", "scale"],
      properties: {
        dimension: { const: 1 },
        index: { type: "integer", minimum: 0, description: "Its place in the diagram of dimension 1." },
        birth: { type: "number" },
        death: { type: ["number", "null"] },
        scale: { type: "number", description: "Where the complex was taken." },
      },
    },
    fit: {
      type: "object",
      additionalProperties: false,
      required: ["energy", "residual", "steps"],
      properties: {
        energy: {
          type: "number",
          minimum: 0,
          description: "Sum over the edges of what the coordinates leave of the cocycle, squared: what was minimised.",
        },
        residual: {
          type: "number",
          minimum: 0,
          description: "Of the normal equations, relative; at most 1e-12 unless the steps ran out.",
        },
        steps: { type: "integer", minimum: 0, description: "Of the conjugate gradients, at most 10,000." },
      },
    },
    provenance: PROVENANCE_SCHEMA,
    statistics: {
      ...STATISTICS_SCHEMA,
      required: STATISTICS_SCHEMA.required.filter((name) => name !== "simplices"),
      properties: { ...statistics, edges: { ...statistics.edges, description: "Edges at or below the scale." } },
    },
  },
} as const;

/** What the schema describes. */
export interface CircularResult {
  readonly id: string;
  readonly algorithm: "circular-coordinates";
  readonly parameters: Required<CircularParameters>;
  readonly coordinates: readonly (number | null)[];
  readonly bar: {
    readonly dimension: 1;
    readonly index: number;
    readonly birth: number;
    readonly death: number | null;
    readonly scale: number;
  };
  readonly fit: { readonly energy: number; readonly residual: number; readonly steps: number };
  readonly provenance: Static<typeof PROVENANCE_SCHEMA>;
  readonly statistics: Omit<Static<typeof STATISTICS_SCHEMA>, "simplices">;
}
