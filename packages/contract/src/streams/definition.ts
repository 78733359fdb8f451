import type { Static } from "typebox";
import { STREAM_OUTPUTS, type StreamOutput, WINDOW_TYPES, type WindowType } from "../events/stream-definition.ts";
import { idPattern } from "../identifiers.ts";
import {
  ENGINE_MAX_DIMENSION,
  STREAM_ALERT_RULES,
  STREAM_DURATION_MS,
  STREAM_POINT_DIMENSION,
  STREAM_REVISIONS,
  STREAM_WINDOW_POINTS,
} from "../limits.ts";
import { pageSchema } from "../pages.ts";

/** `paused` takes no points; what it has taken goes on. */
export const STREAM_STATUSES = ["active", "paused"] as const;
export type StreamStatus = (typeof STREAM_STATUSES)[number];

/** Versions of a definition, as they are written to the topic `streams`. */
export const STREAM_EVENT_TYPES = ["stream.created", "stream.changed", "stream.deleted"] as const;
export type StreamEventType = (typeof STREAM_EVENT_TYPES)[number];

/** `idle_timeout_ms` where it is null. */
export const STREAM_IDLE_TIMEOUT_MS = 5_000;
/** A window may be in so many others of its size at most: size / slide. */
export const STREAM_WINDOW_OVERLAP = 64;

const time = { type: "string", format: "date-time" } as const;
const milliseconds = { type: ["integer", "null"], minimum: 1, maximum: STREAM_DURATION_MS, default: null } as const;
const STREAM_ID = { type: "string", pattern: idPattern("str") } as const;
const NAME = { type: "string", minLength: 1, maxLength: 200 } as const;

/** What `change` is unless told. */
export const STREAM_CHANGE_DEFAULTS = { distance: "bottleneck", p: 2, dimensions: [1], history: 50 } as const;

const WINDOW = {
  type: "object",
  additionalProperties: false,
  required: ["type"],
  description:
    "Which points are computed together. `tumbling` needs `size_ms`; `sliding` `size_ms` and `slide_ms`; `session` `gap_ms`; `count` `count`; and none the sizes of another type.",
  properties: {
    type: { type: "string", enum: WINDOW_TYPES },
    size_ms: {
      ...milliseconds,
      description: "Of tumbling and sliding windows, which begin at its or the slide's multiples.",
    },
    slide_ms: {
      ...milliseconds,
      description: `Of sliding windows: from one to the next; at most the size, and at least 1/${STREAM_WINDOW_OVERLAP} of it.`,
    },
    gap_ms: { ...milliseconds, description: "Of session windows: points closer than this are of one session." },
    count: {
      type: ["integer", "null"],
      minimum: 1,
      maximum: STREAM_WINDOW_POINTS,
      default: null,
      description: "Points of a count window.",
    },
  },
} as const;

const EMBEDDING = {
  type: "object",
  additionalProperties: false,
  required: ["type"],
  description:
    "What is computed on: `none`, the points as they are; `takens`, vectors of `dimension` points each `delay` apart, every `skip` points.",
  properties: {
    type: { type: "string", enum: ["none", "takens"], default: "none" },
    dimension: {
      type: ["integer", "null"],
      minimum: 1,
      maximum: 64,
      default: null,
      description: "Of `takens`, required with it.",
    },
    delay: { type: "integer", minimum: 1, maximum: 10_000, default: 1, description: "In points." },
    skip: { type: "integer", minimum: 1, maximum: 10_000, default: 1, description: "In points." },
  },
} as const;

const COMPUTE = {
  type: "object",
  additionalProperties: false,
  properties: {
    algorithm: { type: "string", enum: ["vietoris-rips"], default: "vietoris-rips" },
    max_dimension: {
      type: "integer",
      minimum: 0,
      maximum: ENGINE_MAX_DIMENSION,
      default: 1,
      description: "Homology is computed in dimensions 0 to this. The service may have a lower limit (`/v1/limits`).",
    },
    threshold: {
      type: ["number", "null"],
      minimum: 0,
      default: null,
      description: "Edges longer than this are left out. null: each window's enclosing radius.",
    },
  },
} as const;

const CHANGE = {
  type: "object",
  additionalProperties: false,
  properties: {
    distance: {
      type: "string",
      enum: ["bottleneck", "wasserstein"],
      default: STREAM_CHANGE_DEFAULTS.distance,
      description: "Between a window's diagram and that of the window before it.",
    },
    p: {
      type: "number",
      minimum: 1,
      maximum: 64,
      default: STREAM_CHANGE_DEFAULTS.p,
      description: "Order of `wasserstein`.",
    },
    dimensions: {
      type: "array",
      minItems: 1,
      maxItems: ENGINE_MAX_DIMENSION + 1,
      uniqueItems: true,
      items: { type: "integer", minimum: 0, maximum: ENGINE_MAX_DIMENSION },
      default: STREAM_CHANGE_DEFAULTS.dimensions,
      description: "Of the diagrams that are compared; the greatest distance counts.",
    },
    history: {
      type: "integer",
      minimum: 1,
      maximum: 1_000,
      default: STREAM_CHANGE_DEFAULTS.history,
      description: "Distances before it that a distance's robust z-score is taken over.",
    },
  },
} as const;

const ALERT = {
  type: "object",
  additionalProperties: false,
  required: ["name", "level"],
  properties: {
    name: { ...NAME, description: "Of the rule; no two of a stream have the same." },
    level: { type: "number", description: "Least z-score of the change that counts." },
    run_length: {
      type: "integer",
      minimum: 1,
      maximum: 1_000,
      default: 1,
      description: "Windows in a row that must count.",
    },
    cool_down: {
      type: "integer",
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: "Windows after an alert in which there is no other.",
    },
    callback_url: {
      type: ["string", "null"],
      maxLength: 2048,
      default: null,
      description: "Where the alert is told by a webhook: an https or http URL without credentials.",
    },
  },
} as const;

const duration = { type: "integer", minimum: 0, maximum: STREAM_DURATION_MS, default: 0 } as const;

const FIELDS = {
  name: { ...NAME, description: "For people." },
  point_dimension: {
    type: "integer",
    minimum: 1,
    maximum: STREAM_POINT_DIMENSION,
    description: "Numbers of a point. It never changes.",
  },
  window: WINDOW,
  out_of_orderness_ms: { ...duration, description: "Points may come so much later than the latest of their key." },
  allowed_lateness_ms: {
    ...duration,
    description: "So long after its end a window still takes points, with a new revision each.",
  },
  max_revisions: {
    type: "integer",
    minimum: 0,
    maximum: STREAM_REVISIONS,
    default: 5,
    description: "Of a window, beside its first result; later points are rejected.",
  },
  idle_timeout_ms: {
    type: ["integer", "null"],
    minimum: 100,
    maximum: STREAM_DURATION_MS,
    default: null,
    description: `Windows of a key that has had no point for so long are closed. null: ${STREAM_IDLE_TIMEOUT_MS}.`,
  },
  embedding: { ...EMBEDDING, default: { type: "none", dimension: null, delay: 1, skip: 1 } },
  compute: { ...COMPUTE, default: { algorithm: "vietoris-rips", max_dimension: 1, threshold: null } },
  max_points_per_window: {
    type: "integer",
    minimum: 1,
    maximum: STREAM_WINDOW_POINTS,
    default: 500,
    description: "Of a window with more, so many farthest points are computed on; the result says so.",
  },
  outputs: {
    type: "array",
    minItems: 1,
    uniqueItems: true,
    items: { type: "string", enum: STREAM_OUTPUTS },
    default: ["diagrams"],
    description: "What results hold.",
  },
  change: {
    anyOf: [CHANGE, { type: "null" }],
    default: STREAM_CHANGE_DEFAULTS,
    description: "How `change_score` is made. Only with that output; null without it.",
  },
  alerts: {
    type: "array",
    maxItems: STREAM_ALERT_RULES,
    items: ALERT,
    default: [],
    description: "Only with the output `change_score`.",
  },
  delivery: {
    type: "string",
    enum: ["effectively_once"],
    default: "effectively_once",
    description: "Every window's result is stored once, whatever fails and is done again.",
  },
} as const;

/** Body of `streams.create`. */
export const STREAM_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["name", "point_dimension", "window"],
  properties: FIELDS,
} as const;
export type StreamRequest = Static<typeof STREAM_REQUEST_SCHEMA>;

/** Body of `streams.update`: fields that change, each as a whole. */
export const STREAM_CHANGE_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: FIELDS,
} as const;
export type StreamChangeRequest = Static<typeof STREAM_CHANGE_REQUEST_SCHEMA>;

function resolved<const Schema extends { readonly properties: object }>(schema: Schema) {
  return { ...schema, required: Object.keys(schema.properties) };
}

const DEFINITION = {
  ...FIELDS,
  window: resolved(WINDOW),
  embedding: resolved(EMBEDDING),
  compute: resolved(COMPUTE),
  change: { anyOf: [resolved(CHANGE), { type: "null" }], description: "null without the output `change_score`." },
  alerts: { ...FIELDS.alerts, items: resolved(ALERT) },
} as const;

export interface AlertRule {
  readonly name: string;
  readonly level: number;
  readonly run_length: number;
  readonly cool_down: number;
  readonly callback_url: string | null;
}

/** A definition with its defaults filled in. `idle_timeout_ms` stays null where it was. */
export interface StreamSettings {
  readonly name: string;
  readonly point_dimension: number;
  readonly window: {
    readonly type: WindowType;
    readonly size_ms: number | null;
    readonly slide_ms: number | null;
    readonly gap_ms: number | null;
    readonly count: number | null;
  };
  readonly out_of_orderness_ms: number;
  readonly allowed_lateness_ms: number;
  readonly max_revisions: number;
  readonly idle_timeout_ms: number | null;
  readonly embedding: {
    readonly type: "none" | "takens";
    readonly dimension: number | null;
    readonly delay: number;
    readonly skip: number;
  };
  readonly compute: {
    readonly algorithm: "vietoris-rips";
    readonly max_dimension: number;
    readonly threshold: number | null;
  };
  readonly max_points_per_window: number;
  readonly outputs: readonly StreamOutput[];
  readonly change: {
    readonly distance: "bottleneck" | "wasserstein";
    readonly p: number;
    readonly dimensions: readonly number[];
    readonly history: number;
  } | null;
  readonly alerts: readonly AlertRule[];
  readonly delivery: "effectively_once";
}

export const STREAM_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "status", "version", ...Object.keys(FIELDS), "created_at", "updated_at"],
  properties: {
    id: STREAM_ID,
    status: { type: "string", enum: STREAM_STATUSES },
    version: { type: "integer", minimum: 1, description: "Of the definition: a change of meaning makes a new one." },
    ...DEFINITION,
    created_at: time,
    updated_at: time,
  },
} as const;
export interface Stream extends StreamSettings {
  readonly id: string;
  readonly status: StreamStatus;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}
export const STREAM_PAGE_SCHEMA = pageSchema(STREAM_SCHEMA);
