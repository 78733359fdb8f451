import { CIRCULAR_REQUEST_SCHEMA, CIRCULAR_RESULT_SCHEMA } from "../circular-coordinates.ts";
import { RIPS_REQUEST_SCHEMA } from "../compute-input.ts";
import { RIPS_QUERY_SCHEMA } from "../compute-parameters.ts";
import { ESTIMATE_RESULT_SCHEMA, RIPS_RESULT_SCHEMA } from "../compute-results.ts";
import { IDEMPOTENCY_KEY_PATTERN } from "../identifiers.ts";
import { JOB_SCHEMA } from "../jobs.ts";
import { MEDIA_TYPES } from "../media-types.ts";
import { BODY_PROBLEMS, ENGINE_PROBLEMS, INPUT_PROBLEMS, NO_QUERY, type OperationDefinition } from "./definition.ts";

const RIPS_REQUEST = {
  bodies: {
    [MEDIA_TYPES.json]: RIPS_REQUEST_SCHEMA,
    [MEDIA_TYPES.csv]: { description: "One point or matrix row a line; parameters in the query." },
    [MEDIA_TYPES.npy]: { description: "An array of numpy; parameters in the query." },
    [MEDIA_TYPES.arrow]: { description: "An Arrow stream of columns of numbers; parameters in the query." },
  },
  query: RIPS_QUERY_SCHEMA,
  headers: {
    "Idempotency-Key": {
      type: "string",
      pattern: IDEMPOTENCY_KEY_PATTERN,
      description: "Accepted and checked, without effect: a computation creates nothing that could exist twice.",
    },
  },
} as const;

export const COMPUTE_OPERATIONS = {
  "compute.vietoris_rips": {
    method: "POST",
    path: "/v1/compute/vietoris-rips",
    aliases: ["/compute/vietoris-rips"],
    tag: "Compute",
    summary: "Compute Vietoris–Rips persistence",
    description:
      "Exact persistent homology of the Vietoris–Rips filtration (diameter scale) of points or distances. Parameters are fields of the JSON body; for CSV, NPY and Arrow bodies they are in the query string. Equal requests in flight are computed once, and answers are cached: `Cache-Status` says `tda; hit` or `tda; fwd=miss`.",
    permission: "compute.run",
    // Every computation is recorded.
    needsRoom: true,
    request: {
      ...RIPS_REQUEST,
      headers: {
        ...RIPS_REQUEST.headers,
        Prefer: {
          type: "string",
          description: "`respond-async` asks for a job, which is answered 202 at once.",
        },
      },
    },
    response: {
      status: 200,
      description: "The diagrams.",
      bodies: { [MEDIA_TYPES.json]: RIPS_RESULT_SCHEMA },
      headers: { "Cache-Status": "`tda; hit` or `tda; fwd=miss` (RFC 9211)." },
    },
    alternatives: [
      {
        status: 202,
        description:
          "The job that the request has become: the client prefers it, or the estimate is above the synchronous limit.",
        bodies: { [MEDIA_TYPES.json]: JOB_SCHEMA },
        headers: { Location: "Of the job.", "Preference-Applied": "`respond-async`, where it was preferred." },
      },
    ],
    problems: [
      ...BODY_PROBLEMS,
      ...INPUT_PROBLEMS,
      "result_too_large",
      "cost_limit_exceeded",
      "job_limit_exceeded",
      ...ENGINE_PROBLEMS,
    ],
  },
  "compute.circular_coordinates": {
    method: "POST",
    path: "/v1/compute/circular-coordinates",
    aliases: [],
    tag: "Compute",
    summary: "Compute circular coordinates",
    description:
      "A coordinate on the circle for each point, from the class of one bar of dimension 1: its cocycle over Z/p, lifted to integers, smoothed by least squares over the edges at one scale (de Silva, Morozov, Vejdemo-Johansson 2011). Answers are not cached.",
    permission: "compute.run",
    // Every computation is recorded.
    needsRoom: true,
    request: {
      bodies: { [MEDIA_TYPES.json]: CIRCULAR_REQUEST_SCHEMA },
      query: NO_QUERY,
      headers: RIPS_REQUEST.headers,
    },
    response: {
      status: 200,
      description: "The coordinates.",
      bodies: { [MEDIA_TYPES.json]: CIRCULAR_RESULT_SCHEMA },
      headers: { "Cache-Status": "`tda; fwd=bypass` (RFC 9211)." },
    },
    problems: [
      ...BODY_PROBLEMS,
      ...INPUT_PROBLEMS,
      "no_bar",
      "scale_outside_bar",
      "cocycle_not_integral",
      "cost_limit_exceeded",
      ...ENGINE_PROBLEMS,
    ],
  },
  "compute.estimate": {
    method: "POST",
    path: "/v1/compute/estimate",
    aliases: ["/compute/estimate"],
    tag: "Compute",
    summary: "Estimate the cost of a computation",
    description: "Takes the body of the computation and tells, by sampling, what it would cost. Computes no homology.",
    permission: "compute.run",
    request: RIPS_REQUEST,
    response: {
      status: 200,
      description: "The estimate.",
      bodies: { [MEDIA_TYPES.json]: ESTIMATE_RESULT_SCHEMA },
      headers: {},
    },
    problems: [...BODY_PROBLEMS, ...INPUT_PROBLEMS, ...ENGINE_PROBLEMS],
  },
} as const satisfies Record<string, OperationDefinition>;
