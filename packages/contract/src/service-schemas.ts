import type { Static } from "typebox";

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
    name: { type: "string", enum: ["database", "engine", "cache", "blobs"] },
    kind: {
      type: "string",
      description: "Which implementation is in use: embedded or external, native or typescript, memory, folder or s3.",
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
        required: ["name", "value", "unit", "setting", "summary"],
        properties: {
          name: { type: "string" },
          value: { type: "number" },
          unit: { type: "string" },
          setting: { type: ["string", "null"], description: "The setting that changes it; null: fixed." },
          summary: { type: "string" },
        },
      },
    },
  },
} as const;
export type Limits = Static<typeof LIMITS_SCHEMA>;
