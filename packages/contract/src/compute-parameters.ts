import type { Static } from "typebox";
import { ENGINE_MAX_DIMENSION, MAX_COEFFICIENT_FIELD, MAX_THREADS } from "./limits.ts";

export const METRICS = ["euclidean", "manhattan", "chebyshev", "cosine", "minkowski"] as const;
export type MetricName = (typeof METRICS)[number];

const metric = {
  type: "string",
  enum: METRICS,
  default: "euclidean",
  description: "Metric of the points.",
} as const;
const minkowskiP = {
  minimum: 1,
  description: "Exponent of the Minkowski metric, at least 1; required with it and refused with the others.",
} as const;
const maxDimension = {
  type: "integer",
  minimum: 0,
  maximum: ENGINE_MAX_DIMENSION,
  default: 1,
  description: "Homology is computed in dimensions 0 to this. The service may have a lower limit (`/v1/limits`).",
} as const;
const threshold = {
  description:
    "Edges longer than this are left out, and points born above it (inclusive, rounded to the input's float type). Not given: the enclosing radius, which gives the diagram of no threshold.",
} as const;
const coefficientField = {
  type: "integer",
  minimum: 2,
  maximum: MAX_COEFFICIENT_FIELD,
  default: 2,
  description: "Homology with coefficients in Z/p, for a prime p.",
} as const;
const edgeCollapse = {
  type: "string",
  enum: ["auto", "on", "off"],
  default: "auto",
  description:
    "Move and remove edges first, where that leaves the homology as it is: `auto` where it is faster. Never changes the diagram.",
} as const;
const representatives = {
  type: "string",
  enum: ["none", "simplices", "cocycles", "cycles"],
  default: "none",
  description:
    "What to return with each bar: its birth and death simplex, and with `cocycles` or `cycles` also a cochain or chain for each bar of dimension 1 and above. Taken on the filtration without edge collapse. Never changes the diagram.",
} as const;
const threads = {
  minimum: 1,
  maximum: MAX_THREADS,
  description: "Threads to use. Not given: the engine chooses. Never changes the diagram.",
} as const;
const memoryLimitBytes = {
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Memory budget of the computation. Not given, or more than the service's limit: that limit.",
} as const;

export const APPROXIMATION_METHODS = ["sparse-rips", "subsample"] as const;
const approximation = {
  default: null,
  description:
    "What to compute where the exact diagram costs too much; null: the exact one, which nothing else is ever given for. `sparse-rips` (with `epsilon`): the sparse filtration of all points, births and deaths within the factor 1 / (1 - epsilon). `subsample` (with `points`): the exact diagram of so many farthest points, within a bottleneck distance that the answer states. For points and matrices. `provenance` says what was computed, and its error.",
} as const;
const epsilon = {
  type: "number",
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  description: "Of `sparse-rips`, required with it.",
} as const;
const subsamplePoints = {
  type: "integer",
  minimum: 1,
  maximum: 4_294_967_295,
  description: "Of `subsample`, required with it. As many as there are, or more: the answer is exact.",
} as const;
const approximationOrNull = {
  anyOf: [
    {
      type: "object",
      additionalProperties: false,
      required: ["method"],
      properties: {
        method: { type: "string", enum: APPROXIMATION_METHODS },
        epsilon,
        points: subsamplePoints,
      },
    },
    { type: "null" },
  ],
} as const;

/** `approximation` in a query: the method and its parameter. */
export const APPROXIMATION_TEXT = /^(?:sparse-rips:(?:0?\.\d+|\d+(?:\.\d+)?[eE]-\d+)|subsample:\d{1,10})$/;

/** Parameters of Vietoris–Rips persistence, as JSON fields. All are optional. */
export const RIPS_PARAMETER_PROPERTIES = {
  metric,
  minkowski_p: { ...minkowskiP, type: ["number", "null"], default: null },
  max_dimension: maxDimension,
  threshold: { ...threshold, type: ["number", "null"], default: null },
  coefficient_field: coefficientField,
  edge_collapse: edgeCollapse,
  representatives,
  threads: { ...threads, type: ["integer", "null"], default: null },
  memory_limit_bytes: { ...memoryLimitBytes, type: ["integer", "null"], default: null },
  approximation: { ...approximationOrNull, ...approximation },
} as const;

export const RIPS_PARAMETERS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: RIPS_PARAMETER_PROPERTIES,
} as const;
export type RipsParameters = Static<typeof RIPS_PARAMETERS_SCHEMA>;

/** The same parameters in the query string, for inputs that are not JSON. A parameter that is null in JSON is left out. */
export const RIPS_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    input_kind: {
      type: "string",
      enum: ["points", "distances"],
      default: "points",
      description: "What the rows of the body are. Never guessed from their number.",
    },
    metric,
    minkowski_p: { ...minkowskiP, type: "number" },
    max_dimension: maxDimension,
    threshold: { ...threshold, type: "number" },
    coefficient_field: coefficientField,
    edge_collapse: edgeCollapse,
    representatives,
    threads: { ...threads, type: "integer" },
    memory_limit_bytes: { ...memoryLimitBytes, type: "integer" },
    approximation: {
      type: "string",
      pattern: APPROXIMATION_TEXT.source,
      description:
        "`sparse-rips:EPSILON` or `subsample:POINTS`, as in `sparse-rips:0.1`. Not given: the exact diagram. See the field of JSON requests.",
    },
  },
} as const;
export type RipsQuery = Static<typeof RIPS_QUERY_SCHEMA>;

/** The parameters with every default filled in. `metric` is null for distances. */
export const RESOLVED_RIPS_PARAMETERS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "metric",
    "minkowski_p",
    "max_dimension",
    "threshold",
    "coefficient_field",
    "edge_collapse",
    "representatives",
    "threads",
    "memory_limit_bytes",
    "approximation",
  ],
  properties: {
    metric: { anyOf: [{ type: "string", enum: METRICS }, { type: "null" }] },
    minkowski_p: { type: ["number", "null"], minimum: 1 },
    max_dimension: { type: "integer", minimum: 0, maximum: ENGINE_MAX_DIMENSION },
    threshold: { type: ["number", "null"] },
    coefficient_field: { type: "integer", minimum: 2, maximum: MAX_COEFFICIENT_FIELD },
    edge_collapse: { type: "string", enum: ["auto", "on", "off"] },
    representatives: { type: "string", enum: ["none", "simplices", "cocycles", "cycles"] },
    threads: { type: ["integer", "null"], minimum: 1, maximum: MAX_THREADS },
    memory_limit_bytes: { type: "integer", minimum: 1 },
    approximation: approximationOrNull,
  },
} as const;
export type ResolvedRipsParameters = Static<typeof RESOLVED_RIPS_PARAMETERS_SCHEMA>;
