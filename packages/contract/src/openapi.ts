import { COST_ESTIMATE_SCHEMA, DIAGRAMS_SCHEMA } from "./compute-results.ts";
import { COMPUTE_EXAMPLES } from "./examples.ts";
import { IDEMPOTENCY_KEY_PATTERN } from "./identifiers.ts";
import type { JsonSchema } from "./json-schema.ts";
import { MEDIA_TYPES } from "./media-types.ts";
import {
  ACCESS_PROBLEMS,
  COMMON_PROBLEMS,
  IDEMPOTENCY_PROBLEMS,
  OPERATION_IDS,
  OPERATION_TAGS,
  type OperationDefinition,
  type OperationId,
  type OperationResponse,
  operation,
} from "./operations.ts";
import { PROBLEM_SCHEMA, PROBLEMS, type ProblemCode } from "./problems.ts";
import { DEPENDENCY_SCHEMA } from "./service-schemas.ts";

export interface OpenApiOptions {
  readonly version: string;
  /** Whether the server asks for credentials. */
  readonly authentication: boolean;
  readonly metricsRequireKey: boolean;
  readonly metrics: boolean;
  /** The service's own limit, at most the engine's. */
  readonly maxDimension: number;
}

type Json = Record<string, unknown>;

/** Operations whose JSON body is that of the examples. */
const EXAMPLES: ReadonlySet<OperationId> = new Set(["compute.vietoris_rips", "compute.estimate"]);

const SECURITY_SCHEMES = {
  api_key: { type: "apiKey", in: "header", name: "X-API-Key", description: "An API key of a project." },
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "An access token, of `/v1/auth/token` or of the configured issuer. Members of several projects choose one by the header `X-Project-Id`.",
  },
} as const;

const CREDENTIALS = [{ api_key: [] }, { bearer: [] }];

/** Members that a code adds to the problem document. */
const PROBLEM_MEMBERS: Partial<Record<ProblemCode, JsonSchema>> = {
  cost_limit_exceeded: { estimate: COST_ESTIMATE_SCHEMA, synchronous_limit_seconds: { type: "number" } },
  memory_limit_exceeded: {
    memory_limit_bytes: { type: "integer" },
    bytes: { type: ["integer", "null"] },
    dimension: { type: ["integer", "null"] },
  },
  job_failed: { job_error: PROBLEM_SCHEMA },
  job_not_finished: { status_of_job: { type: "string" }, progress: { type: "number" } },
  job_limit_exceeded: {
    estimate: { type: "object", properties: { seconds: { type: "number" }, bytes: { type: ["number", "null"] } } },
  },
  not_ready: { dependencies: { type: "array", items: DEPENDENCY_SCHEMA } },
};

/** The OpenAPI 3.1 document, from the same tables that the routes are made of. */
export function openApiDocument(options: OpenApiOptions): Json {
  const paths: Record<string, Json> = {};
  for (const id of OPERATION_IDS) {
    const definition = operation(id);
    if (id === "metrics.read" && !options.metrics) {
      continue;
    }
    for (const [index, path] of [definition.path, ...definition.aliases].entries()) {
      paths[path] = {
        ...paths[path],
        [definition.method.toLowerCase()]: operationObject(id, definition, index, options),
      };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "TDA platform",
      version: options.version,
      description: "Exact persistent homology over HTTP.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(OPERATION_TAGS).map(([name, description]) => ({ name, description })),
    ...(options.authentication ? { security: CREDENTIALS } : {}),
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA, Diagrams: DIAGRAMS_SCHEMA },
      ...(options.authentication ? { securitySchemes: SECURITY_SCHEMES } : {}),
    },
  };
}

function operationObject(
  id: OperationId,
  definition: OperationDefinition,
  alias: number,
  options: OpenApiOptions,
): Json {
  const secured = options.authentication && needsCredentials(id, definition, options);
  return {
    operationId: alias === 0 ? id : `${id}.alias`,
    tags: [definition.tag],
    summary: definition.summary,
    description: definition.description,
    ...(options.authentication && !secured ? { security: [] } : {}),
    ...(definition.request === null ? {} : requestObject(id, withIdempotencyKey(definition), options)),
    responses: responses(definition, secured),
  };
}

type OperationRequest = NonNullable<OperationDefinition["request"]>;

const IDEMPOTENCY_KEY = {
  type: "string",
  pattern: IDEMPOTENCY_KEY_PATTERN,
  description:
    "Makes repeated requests one: for a day, the same key with the same request gets the first one's answer again. Use a UUID.",
} as const;

function withIdempotencyKey({ request, creates }: OperationDefinition): OperationRequest {
  const given = request as OperationRequest;
  return creates === true ? { ...given, headers: { ...given.headers, "Idempotency-Key": IDEMPOTENCY_KEY } } : given;
}

function needsCredentials(id: OperationId, definition: OperationDefinition, options: OpenApiOptions): boolean {
  return id === "metrics.read" ? options.metricsRequireKey : definition.permission !== null;
}

function requestObject(id: OperationId, request: OperationRequest, options: OpenApiOptions): Json {
  const query = lowerMaximum((request.query.properties ?? {}) as Record<string, JsonSchema>, options);
  const parameters = [
    ...Object.entries(request.path ?? {}).map(([name, schema]) => parameter("path", name, schema, true)),
    ...Object.entries(query).map(([name, schema]) =>
      parameter("query", name, schema, requiredOf(request.query).has(name)),
    ),
    ...Object.entries(request.headers).map(([name, schema]) => parameter("header", name, schema, false)),
  ];
  const bodies = Object.entries(request.bodies).map(([mediaType, schema]) => [
    mediaType,
    mediaType === MEDIA_TYPES.json
      ? {
          schema: lowerBodyMaximum(schema, options),
          ...(EXAMPLES.has(id) ? { examples: COMPUTE_EXAMPLES } : {}),
        }
      : { schema },
  ]);
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(bodies.length === 0 ? {} : { requestBody: { required: true, content: Object.fromEntries(bodies) } }),
  };
}

function parameter(place: "path" | "query" | "header", name: string, schema: JsonSchema, required: boolean): Json {
  const { description, ...rest } = schema;
  return { name, in: place, required, description, schema: rest };
}

function requiredOf(schema: JsonSchema): ReadonlySet<string> {
  return new Set((schema.required ?? []) as readonly string[]);
}

function lowerBodyMaximum(schema: JsonSchema, options: OpenApiOptions): JsonSchema {
  if (schema.properties === undefined) return schema;
  return { ...schema, properties: lowerMaximum(schema.properties as Record<string, JsonSchema>, options) };
}

function lowerMaximum(properties: Record<string, JsonSchema>, options: OpenApiOptions): Record<string, JsonSchema> {
  const dimension = properties.max_dimension;
  return dimension === undefined
    ? properties
    : { ...properties, max_dimension: { ...dimension, maximum: options.maxDimension } };
}

function responses(definition: OperationDefinition, secured: boolean): Json {
  const successes = [definition.response, ...(definition.alternatives ?? [])];
  const codes = new Set<ProblemCode>([
    ...COMMON_PROBLEMS,
    ...(secured ? ACCESS_PROBLEMS : definition.permission === null ? [] : ["rate_limited" as const]),
    ...(definition.creates === true ? IDEMPOTENCY_PROBLEMS : []),
    ...definition.problems,
  ]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const list = byStatus.get(PROBLEMS[code].status) ?? [];
    byStatus.set(PROBLEMS[code].status, [...list, code]);
  }
  const problems = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([code, list]) => [String(code), problemResponse(code, list)]);
  return {
    ...Object.fromEntries(successes.map((one) => [String(one.status), success(one, definition)])),
    ...Object.fromEntries(problems),
  };
}

function success(
  { description, headers, bodies }: OperationResponse,
  { permission, creates }: OperationDefinition,
): Json {
  const more = {
    ...(permission === null ? {} : RATE_LIMIT_HEADERS),
    ...(creates === true ? { "Idempotency-Replayed": "`true`: this is the answer to an earlier, equal request." } : {}),
    ...headers,
  };
  return {
    description,
    headers: { "X-Request-Id": headerObject("Identifies the request in logs."), ...mapValues(more, headerObject) },
    ...(Object.keys(bodies).length === 0 ? {} : { content: mapValues(bodies, (schema) => ({ schema })) }),
  };
}

/** Of draft-ietf-httpapi-ratelimit-headers-10. */
const RATE_LIMIT_HEADERS = {
  "RateLimit-Policy": "The limits of requests: `q` of them in `w` seconds.",
  RateLimit: "Of the limit nearest to its end: `r` more requests now, all of them again after `t` seconds.",
} as const;

function problemResponse(status: number, codes: readonly ProblemCode[]): Json {
  const members = Object.assign({}, ...codes.map((code) => PROBLEM_MEMBERS[code] ?? {})) as Json;
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(" "),
    headers: {
      "X-Request-Id": headerObject("Identifies the request in logs."),
      ...(codes.some((code) => PROBLEMS[code].status === 503 || PROBLEMS[code].status === 429)
        ? { "Retry-After": headerObject("Seconds to wait.") }
        : {}),
      ...(status === 401 ? { "WWW-Authenticate": headerObject("How to authenticate.") } : {}),
    },
    content: {
      [MEDIA_TYPES.problem]: {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            {
              type: "object",
              properties: { status: { const: status }, code: { enum: [...codes].sort() }, ...members },
            },
          ],
        },
      },
    },
  };
}

function headerObject(description: string): Json {
  return { description, schema: { type: "string" } };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
