import type { Static } from "typebox";
import { RIPS_PARAMETER_PROPERTIES } from "./compute-parameters.ts";
import { idPattern } from "./identifiers.ts";

export const POINTS_SCHEMA = {
  type: "array",
  description: "n points of d coordinates each. [] is a valid input of no point.",
  items: { type: "array", minItems: 1, items: { type: "number" } },
} as const;

export const DISTANCES_SCHEMA = {
  type: "array",
  description:
    "Distances of n points: n rows of n (symmetric), or the lower triangle with i entries in row i (the first row is []), or with i + 1, ending in the diagonal. A diagonal entry is the point's birth and may not exceed its edges. null: no edge.",
  items: { type: "array", items: { type: ["number", "null"], minimum: 0 } },
} as const;

export const SPARSE_DISTANCES_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["n", "rows", "cols", "values"],
  description:
    "Distances of some pairs of n points. (i,j) and (j,i) must agree if both are given; (i,i) is a birth; an absent pair, or a null, is no edge; a stored 0 is an edge at 0.",
  properties: {
    n: { type: "integer", minimum: 0, maximum: 4_294_967_295 },
    rows: { type: "array", items: { type: "integer", minimum: 0 } },
    cols: { type: "array", items: { type: "integer", minimum: 0 } },
    values: { type: "array", items: { type: ["number", "null"], minimum: 0 } },
  },
} as const;
export type SparseDistances = Static<typeof SPARSE_DISTANCES_SCHEMA>;

export const DATASET_ID_SCHEMA = {
  type: "string",
  pattern: idPattern("ds"),
  description: "A dataset of the project, with the kind that it was stored with.",
} as const;

/** The inputs of a computation; a request has exactly one of them. */
export const RIPS_INPUT_PROPERTIES = {
  points: POINTS_SCHEMA,
  distances: DISTANCES_SCHEMA,
  sparse_distances: SPARSE_DISTANCES_SCHEMA,
  dataset_id: DATASET_ID_SCHEMA,
} as const;
export type RipsInputName = keyof typeof RIPS_INPUT_PROPERTIES;
export const RIPS_INPUT_NAMES = Object.keys(RIPS_INPUT_PROPERTIES) as RipsInputName[];

/** Body of `compute.vietoris_rips` and `compute.estimate` as JSON. */
export const RIPS_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: { ...RIPS_INPUT_PROPERTIES, ...RIPS_PARAMETER_PROPERTIES },
  oneOf: [
    { required: ["points"] },
    { required: ["distances"] },
    { required: ["sparse_distances"] },
    { required: ["dataset_id"] },
  ],
} as const;

const RIPS_REQUEST_FIELDS = {
  type: "object",
  additionalProperties: false,
  properties: RIPS_REQUEST_SCHEMA.properties,
} as const;
export type RipsRequest = Static<typeof RIPS_REQUEST_FIELDS>;
