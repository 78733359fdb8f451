import type { ProblemDefinition } from "./definition.ts";

/** Parsed, but wrong: 422. */
export const INPUT_PROBLEMS = {
  validation_failed: {
    status: 422,
    title: "Request does not fit the schema",
    retryable: false,
    meaning: "A field or parameter has the wrong type or is outside its range; `errors` names each place.",
    remedy: "Correct the places that `errors` names.",
  },
  unknown_field: {
    status: 422,
    title: "Unknown field or parameter",
    retryable: false,
    meaning: "The request has a field or query parameter that the operation does not know: it may be misspelt.",
    remedy: "Remove it, or correct its name.",
  },
  missing_input: {
    status: 422,
    title: "No input",
    retryable: false,
    meaning: "None of `points`, `distances`, `sparse_distances` and `dataset_id` is given.",
    remedy: "Give exactly one.",
  },
  multiple_inputs: {
    status: 422,
    title: "More than one input",
    retryable: false,
    meaning: "More than one of `points`, `distances`, `sparse_distances` and `dataset_id` is given.",
    remedy: "Give exactly one.",
  },
  ragged_rows: {
    status: 422,
    title: "Rows of unequal length",
    retryable: false,
    meaning:
      "The rows of the points, the matrix or the sparse arrays do not fit together; `errors` names the first wrong one.",
    remedy: "Give rows of one length, or the lower triangle.",
  },
  not_a_number: {
    status: 422,
    title: "Not a number",
    retryable: false,
    meaning: "A value is NaN, an infinite coordinate, too large for a float64 or no number at all.",
    remedy: "Give finite numbers; an absent distance is `null` (`inf` in CSV and NPY).",
  },
  negative_distance: {
    status: 422,
    title: "Negative distance",
    retryable: false,
    meaning: "A distance is below zero.",
    remedy: "Give distances of at least zero.",
  },
  asymmetric_distance: {
    status: 422,
    title: "Distances are not symmetric",
    retryable: false,
    meaning: "d(i,j) and d(j,i) of a full matrix differ; `errors` names both entries.",
    remedy: "Give a symmetric matrix or its lower triangle.",
  },
  diagonal_above_edge: {
    status: 422,
    title: "Birth above an edge",
    retryable: false,
    meaning: "A diagonal entry, the birth of a point, is larger than one of the point's distances.",
    remedy: "A point is born no later than its edges.",
  },
  index_out_of_range: {
    status: 422,
    title: "Index out of range",
    retryable: false,
    meaning: "An index of the sparse distances is not below `n`.",
    remedy: "Indices run from 0 to n - 1.",
  },
  conflicting_entries: {
    status: 422,
    title: "Conflicting entries",
    retryable: false,
    meaning: "A pair of the sparse distances is given twice with different values.",
    remedy: "Give each pair once, or with one value.",
  },
  zero_vector: {
    status: 422,
    title: "Cosine distance of a zero vector",
    retryable: false,
    meaning: "The cosine distance of the zero vector is not defined.",
    remedy: "Remove the point, or use another metric.",
  },
  distance_overflow: {
    status: 422,
    title: "Distance overflows",
    retryable: false,
    meaning: "The distance of two finite points is too large for a float64.",
    remedy: "Scale the points.",
  },
  invalid_coefficient_field: {
    status: 422,
    title: "Coefficient field is not a prime",
    retryable: false,
    meaning: "`coefficient_field` must be a prime of at most 32749.",
    remedy: "Use 2, 3, 5, 7, 11, …",
  },
  invalid_metric: {
    status: 422,
    title: "Metric and its exponent do not fit",
    retryable: false,
    meaning:
      "`minkowski_p` is missing, below 1, or given with a metric other than `minkowski`; or a metric is given for distances.",
    remedy: "Give `minkowski_p` with `metric: minkowski` only, and a metric with points only.",
  },
  not_supported: {
    status: 422,
    title: "Not supported yet",
    retryable: false,
    meaning: "A value that the contract knows and this version does not implement; `errors` names the field.",
    remedy: "Use another value.",
  },
  dimension_limit_exceeded: {
    status: 422,
    title: "Dimension above the limit",
    retryable: false,
    meaning: "`max_dimension` is above the limit of that name.",
    remedy: "Ask for fewer dimensions.",
  },
  point_limit_exceeded: {
    status: 422,
    title: "Too many points",
    retryable: false,
    meaning: "The input has more points than the limit `points`.",
    remedy: "Send fewer points, or raise `TDA_MAX_POINTS`.",
  },
  index_overflow: {
    status: 422,
    title: "Too many simplices to number",
    retryable: false,
    meaning: "So many points in so high a dimension have more simplices than the engine's widest key can number.",
    remedy: "Give a threshold, fewer points or fewer dimensions.",
  },
  memory_limit_exceeded: {
    status: 422,
    title: "Memory limit exceeded",
    retryable: false,
    meaning:
      "The computation would pass its memory budget. `memory_limit_bytes` is the budget, `bytes` what had been reached or was asked for, `dimension` where; `hint` names another way.",
    remedy:
      "Raise `memory_limit_bytes` (up to the server's limit), give a threshold, or ask for an `approximation`, whose error is bounded.",
  },
  no_bar: {
    status: 422,
    title: "No such bar",
    retryable: false,
    meaning: "The diagram of dimension 1 is empty, or has no bar of this number.",
    remedy: "Look at `diagrams[1]` of the computation with the same parameters; a higher threshold may have more bars.",
  },
  scale_outside_bar: {
    status: 422,
    title: "Scale outside of the bar",
    retryable: false,
    meaning: "The scale is below the bar's birth, or not below its death: the class does not live there.",
    remedy: "Leave `scale` out, or choose one from the bar's birth to before its death.",
  },
  cocycle_not_integral: {
    status: 422,
    title: "The cocycle has no integer lift",
    retryable: false,
    meaning:
      "Lifted to integers of least absolute value, the cocycle over Z/p is none: the class may be torsion, or a coefficient too large for p.",
    remedy: "Choose another prime as `coefficient_field`, such as 43 or 10007, or another `scale`.",
  },
  result_too_large: {
    status: 422,
    title: "Result too large for an answer",
    retryable: false,
    meaning: "The cocycles or cycles of the bars have more simplices than the limit `chain_simplices`.",
    remedy: "Ask for `simplices` only, give a lower threshold, or fewer points or dimensions.",
  },
  cost_limit_exceeded: {
    status: 422,
    title: "Too costly for a synchronous answer",
    retryable: false,
    meaning:
      "The estimate is above the synchronous limit, and the request can't become a job: the operation has none, or the caller may submit none. `estimate` has the estimate, `hint` names another way.",
    remedy:
      "Give a threshold or fewer dimensions, ask for an `approximation`, whose error is bounded, or raise `TDA_SYNC_LIMIT_SECONDS`.",
  },
  invalid_idempotency_key: {
    status: 422,
    title: "Idempotency key not accepted",
    retryable: false,
    meaning: "`Idempotency-Key` must be 1 to 255 printable ASCII characters.",
    remedy: "Use a UUID.",
  },
} as const satisfies Record<string, ProblemDefinition>;
