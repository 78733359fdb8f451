import type { Static } from "typebox";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "./pages.ts";

export const SERVICE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name", "version", "documentation", "openapi"],
  properties: {
    name: { type: "string" },
    version: { type: "string" },
    documentation: { type: "string" },
    openapi: { type: "string" },
  },
} as const;
export type Service = Static<typeof SERVICE_SCHEMA>;

export const LIVE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["status"],
  properties: { status: { const: "live" } },
} as const;
export type Live = Static<typeof LIVE_SCHEMA>;

export const READY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["status", "warnings"],
  properties: {
    status: { const: "ready" },
    warnings: { type: "array", items: { type: "string" }, description: "What an operator should attend to." },
  },
} as const;
export type Ready = Static<typeof READY_SCHEMA>;

export const DEPENDENCY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name", "kind", "status", "required", "latency_ms", "circuit", "detail"],
  properties: {
    name: { type: "string", enum: ["database", "engine", "cache", "blobs", "log"] },
    kind: {
      type: "string",
      description:
        "Which implementation is in use: embedded or external, native or typescript, memory or redis, folder or s3.",
    },
    status: { type: "string", enum: ["up", "degraded", "down"] },
    required: { type: "boolean", description: "Without it the server is not ready." },
    latency_ms: { type: ["number", "null"], minimum: 0 },
    circuit: {
      type: "string",
      enum: ["closed", "half_open", "open"],
      description: "open: calls are not attempted at present.",
    },
    detail: { type: ["string", "null"] },
  },
} as const;
export type Dependency = Static<typeof DEPENDENCY_SCHEMA>;

export const DEPENDENCIES_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["status", "dependencies"],
  properties: {
    status: { type: "string", enum: ["up", "degraded", "down"] },
    dependencies: { type: "array", items: DEPENDENCY_SCHEMA },
  },
} as const;
export type Dependencies = Static<typeof DEPENDENCIES_SCHEMA>;

export const VERSION_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["version", "api_version", "engine", "engine_version", "node_version"],
  properties: {
    version: { type: "string", description: "Version of the server." },
    api_version: { const: "v1" },
    engine: { type: "string", enum: ["native", "typescript"] },
    engine_version: { type: "string" },
    node_version: { type: "string" },
  },
} as const;
export type Version = Static<typeof VERSION_SCHEMA>;

export const LIMITS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["limits"],
  properties: {
    limits: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "value", "unit", "setting", "used", "summary"],
        properties: {
          name: { type: "string" },
          value: { type: "number" },
          unit: { type: "string" },
          setting: { type: ["string", "null"], description: "The setting that changes it; null: fixed." },
          used: {
            type: ["number", "null"],
            minimum: 0,
            description: "What the caller or its project uses of it at present; null: it is not counted.",
          },
          summary: { type: "string" },
        },
      },
    },
  },
} as const;
export type Limits = Static<typeof LIMITS_SCHEMA>;

const USAGE_HOUR_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["hour", "requests", "computations", "cpu_seconds", "bytes_received", "bytes_sent"],
  properties: {
    hour: { type: "string", format: "date-time", description: "Its beginning." },
    requests: { type: "integer", minimum: 0 },
    computations: { type: "integer", minimum: 0, description: "Answers from the cache are none." },
    cpu_seconds: {
      type: "number",
      minimum: 0,
      description: "Time of the engine by the threads that each computation asked for.",
    },
    bytes_received: { type: "integer", minimum: 0, description: "Requests with their headers, as they came." },
    bytes_sent: { type: "integer", minimum: 0, description: "Answers with their headers, as they went." },
  },
} as const;
export type UsageHourBody = Static<typeof USAGE_HOUR_SCHEMA>;

export const USAGE_SCHEMA = pageSchema(USAGE_HOUR_SCHEMA);

const HOUR_PATTERN = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,3})?Z$";

export const USAGE_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...PAGE_QUERY_PROPERTIES,
    from: { type: "string", pattern: HOUR_PATTERN, description: "The first hour: RFC 3339, in UTC." },
    to: { type: "string", pattern: HOUR_PATTERN, description: "The end: hours before it. RFC 3339, in UTC." },
  },
} as const;
export type UsageQueryParameters = Static<typeof USAGE_QUERY_SCHEMA>;
