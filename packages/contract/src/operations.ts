import { CIRCULAR_REQUEST_SCHEMA, CIRCULAR_RESULT_SCHEMA } from "./circular-coordinates.ts";
import { RIPS_REQUEST_SCHEMA } from "./compute-input.ts";
import { RIPS_QUERY_SCHEMA } from "./compute-parameters.ts";
import { ESTIMATE_RESULT_SCHEMA, RIPS_RESULT_SCHEMA } from "./compute-results.ts";
import { IDEMPOTENCY_KEY_PATTERN } from "./identifiers.ts";
import type { JsonSchema } from "./json-schema.ts";
import { MEDIA_TYPES } from "./media-types.ts";
import type { Permission } from "./permissions.ts";
import type { ProblemCode } from "./problems.ts";
import {
  DEPENDENCIES_SCHEMA,
  LIMITS_SCHEMA,
  LIVE_SCHEMA,
  READY_SCHEMA,
  SERVICE_SCHEMA,
  VERSION_SCHEMA,
} from "./service-schemas.ts";

export type HttpMethod = "GET" | "POST";

/** One thing that a client can do. Routes, OpenAPI and the reference come from this table. */
export interface OperationDefinition {
  readonly method: HttpMethod;
  readonly path: string;
  /** Further paths with the same answer. */
  readonly aliases: readonly string[];
  readonly tag: "Compute" | "Operations";
  readonly summary: string;
  readonly description: string;
  /** What the caller must be allowed to do; null: no credentials are needed. */
  readonly permission: Permission | null;
  readonly request: {
    /** By media type. What is not JSON has no type: every text, or every sequence of bytes, is a body to look at. */
    readonly bodies: Readonly<Record<string, JsonSchema>>;
    readonly query: JsonSchema;
    readonly headers: Readonly<Record<string, JsonSchema & { readonly description: string }>>;
  } | null;
  readonly response: {
    readonly status: 200 | 302;
    readonly description: string;
    readonly bodies: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** What it can answer beyond `COMMON_PROBLEMS`. */
  readonly problems: readonly ProblemCode[];
}

/** What any operation can answer: of HTTP itself, of access, and of defects. */
export const COMMON_PROBLEMS = [
  "bad_request",
  "host_not_allowed",
  "origin_not_allowed",
  "forwarding_not_allowed",
  "request_timeout",
  "headers_too_large",
  "internal_error",
] as const satisfies readonly ProblemCode[];

/** What an operation that needs a permission can answer besides. */
export const ACCESS_PROBLEMS = [
  "authentication_required",
  "invalid_api_key",
  "invalid_token",
  "permission_denied",
  "storage_unavailable",
] as const satisfies readonly ProblemCode[];

const BODY_PROBLEMS = [
  "invalid_json",
  "json_too_deep",
  "invalid_csv",
  "invalid_npy",
  "invalid_content_encoding",
  "body_too_large",
  "compression_ratio_exceeded",
  "unsupported_media_type",
  "unsupported_content_encoding",
] as const satisfies readonly ProblemCode[];

const INPUT_PROBLEMS = [
  "validation_failed",
  "unknown_field",
  "missing_input",
  "multiple_inputs",
  "ragged_rows",
  "not_a_number",
  "negative_distance",
  "asymmetric_distance",
  "diagonal_above_edge",
  "index_out_of_range",
  "conflicting_entries",
  "zero_vector",
  "distance_overflow",
  "invalid_coefficient_field",
  "invalid_metric",
  "not_supported",
  "dimension_limit_exceeded",
  "point_limit_exceeded",
  "index_overflow",
  "memory_limit_exceeded",
  "invalid_idempotency_key",
] as const satisfies readonly ProblemCode[];

const ENGINE_PROBLEMS = [
  "overloaded",
  "out_of_memory",
  "engine_failed",
  "engine_unavailable",
  "storage_unavailable",
  "shutting_down",
  "computation_timeout",
] as const satisfies readonly ProblemCode[];

const NO_QUERY = { type: "object", additionalProperties: false, properties: {} } as const;

const RIPS_REQUEST = {
  bodies: {
    [MEDIA_TYPES.json]: RIPS_REQUEST_SCHEMA,
    [MEDIA_TYPES.csv]: { description: "One point or matrix row a line; parameters in the query." },
    [MEDIA_TYPES.npy]: { description: "An array of numpy; parameters in the query." },
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

export const OPERATIONS = {
  "compute.vietoris_rips": {
    method: "POST",
    path: "/v1/compute/vietoris-rips",
    aliases: ["/compute/vietoris-rips"],
    tag: "Compute",
    summary: "Compute Vietoris–Rips persistence",
    description:
      "Exact persistent homology of the Vietoris–Rips filtration (diameter scale) of points or distances. Parameters are fields of the JSON body; for CSV and NPY bodies they are in the query string. Equal requests in flight are computed once, and answers are cached: `Cache-Status` says `tda; hit` or `tda; fwd=miss`.",
    permission: "compute.run",
    request: {
      ...RIPS_REQUEST,
      headers: {
        ...RIPS_REQUEST.headers,
        Prefer: {
          type: "string",
          description:
            "`respond-async` asks for a job: 422 `cost_limit_exceeded` with the estimate until there are jobs.",
        },
      },
    },
    response: {
      status: 200,
      description: "The diagrams.",
      bodies: { [MEDIA_TYPES.json]: RIPS_RESULT_SCHEMA },
      headers: { "Cache-Status": "`tda; hit` or `tda; fwd=miss` (RFC 9211)." },
    },
    problems: [...BODY_PROBLEMS, ...INPUT_PROBLEMS, "result_too_large", "cost_limit_exceeded", ...ENGINE_PROBLEMS],
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
  "version.read": {
    method: "GET",
    path: "/v1/version",
    aliases: [],
    tag: "Operations",
    summary: "Versions of server, API and engine",
    description: "Which versions answer.",
    permission: "service.read",
    request: { bodies: {}, query: NO_QUERY, headers: {} },
    response: { status: 200, description: "Versions.", bodies: { [MEDIA_TYPES.json]: VERSION_SCHEMA }, headers: {} },
    problems: ["unknown_field"],
  },
  "limits.read": {
    method: "GET",
    path: "/v1/limits",
    aliases: [],
    tag: "Operations",
    summary: "Limits of this server",
    description: "Every bound of the service, with its present value.",
    permission: "service.read",
    request: { bodies: {}, query: NO_QUERY, headers: {} },
    response: { status: 200, description: "Limits.", bodies: { [MEDIA_TYPES.json]: LIMITS_SCHEMA }, headers: {} },
    problems: ["unknown_field"],
  },
  "health.live": {
    method: "GET",
    path: "/health/live",
    aliases: [],
    tag: "Operations",
    summary: "Is the process alive?",
    description: "Answers as long as the process serves requests. Looks at no dependency.",
    permission: null,
    request: null,
    response: { status: 200, description: "Alive.", bodies: { [MEDIA_TYPES.json]: LIVE_SCHEMA }, headers: {} },
    problems: [],
  },
  "health.ready": {
    method: "GET",
    path: "/health/ready",
    aliases: [],
    tag: "Operations",
    summary: "Can it take work?",
    description: "200 when everything that computations need is up; otherwise 503 with the state of each dependency.",
    permission: null,
    request: null,
    response: { status: 200, description: "Ready.", bodies: { [MEDIA_TYPES.json]: READY_SCHEMA }, headers: {} },
    problems: ["not_ready", "shutting_down"],
  },
  "health.dependencies": {
    method: "GET",
    path: "/health/dependencies",
    aliases: [],
    tag: "Operations",
    summary: "State of each dependency",
    description: "Status, latency and circuit state of each dependency, whether it is needed or not.",
    permission: null,
    request: null,
    response: {
      status: 200,
      description: "Dependencies.",
      bodies: { [MEDIA_TYPES.json]: DEPENDENCIES_SCHEMA },
      headers: {},
    },
    problems: [],
  },
  "metrics.read": {
    method: "GET",
    path: "/metrics",
    aliases: [],
    tag: "Operations",
    summary: "Metrics for Prometheus",
    description: "Text exposition format. Needs a key only if `TDA_METRICS_REQUIRE_KEY` is set.",
    permission: "metrics.read",
    request: null,
    response: {
      status: 200,
      description: "Metrics.",
      bodies: { [MEDIA_TYPES.text]: { type: "string" } },
      headers: {},
    },
    problems: ["not_found"],
  },
  "openapi.read": {
    method: "GET",
    path: "/openapi.json",
    aliases: [],
    tag: "Operations",
    summary: "This document",
    description: "OpenAPI 3.1, made from the schemas that validate requests.",
    permission: null,
    request: null,
    response: {
      status: 200,
      description: "OpenAPI 3.1.",
      bodies: { [MEDIA_TYPES.json]: { type: "object" } },
      headers: {},
    },
    problems: [],
  },
  "problems.read": {
    method: "GET",
    path: "/docs/problems",
    aliases: [],
    tag: "Operations",
    summary: "Reference of the problems",
    description: "The page that `type` of a problem points into.",
    permission: null,
    request: null,
    response: {
      status: 200,
      description: "HTML.",
      bodies: { [MEDIA_TYPES.html]: { type: "string" } },
      headers: {},
    },
    problems: [],
  },
  "service.read": {
    method: "GET",
    path: "/",
    aliases: [],
    tag: "Operations",
    summary: "What is here",
    description: "Name and version of the service, and where its documentation is.",
    permission: null,
    request: null,
    response: { status: 200, description: "The service.", bodies: { [MEDIA_TYPES.json]: SERVICE_SCHEMA }, headers: {} },
    problems: [],
  },
} as const satisfies Record<string, OperationDefinition>;

export type OperationId = keyof typeof OPERATIONS;
export const OPERATION_IDS = Object.keys(OPERATIONS) as OperationId[];

/** An operation by id, under the general type. */
export function operation(id: OperationId): OperationDefinition {
  return OPERATIONS[id];
}
