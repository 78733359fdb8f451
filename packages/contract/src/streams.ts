import type { Static } from "typebox";
import { DIAGRAMS_SCHEMA } from "./compute-results.ts";
import { STREAM_OUTPUTS, type StreamOutput, WINDOW_TYPES, type WindowType } from "./events/stream-definition.ts";
import { REJECTION_REASONS } from "./events/stream-rejection.ts";
import { idPattern } from "./identifiers.ts";
import { TIME_PATTERN } from "./jobs.ts";
import {
  ENGINE_MAX_DIMENSION,
  STREAM_ALERT_RULES,
  STREAM_DURATION_MS,
  STREAM_KEY_CHARACTERS,
  STREAM_POINT_DIMENSION,
  STREAM_REDRIVE_POINTS,
  STREAM_REQUEST_POINTS,
  STREAM_REVISIONS,
  STREAM_WINDOW_POINTS,
} from "./limits.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "./pages.ts";

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

/** What is wrong with a point is told by its index, and the others are taken: so the schema refuses none. */
const POINT_DESCRIPTION = `\`t\`: event time, a whole number of milliseconds since 1970, also negative. \`v\`: as many finite numbers as the stream's \`point_dimension\`. \`key\` (optional): at most ${STREAM_KEY_CHARACTERS} characters; points of a key have windows of their own; not given: the empty string.`;

/** Body of `streams.push`. */
export const STREAM_POINTS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["points"],
  properties: { points: { type: "array", maxItems: STREAM_REQUEST_POINTS, items: { description: POINT_DESCRIPTION } } },
} as const;
export interface StreamPointBody {
  readonly t: number;
  readonly v: readonly number[];
  readonly key?: string | null;
}

export const STREAM_ACCEPTED_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["accepted", "rejected"],
  properties: {
    accepted: { type: "integer", minimum: 0, description: "Points that are durable in the log." },
    rejected: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["index", "detail"],
        properties: { index: { type: "integer", minimum: 0 }, detail: { type: "string" } },
      },
      description: "Points that are wrong, by their place in the request.",
    },
  },
} as const;
export type StreamAccepted = Static<typeof STREAM_ACCEPTED_SCHEMA>;

const number = { type: "number" } as const;
const numberOrNull = { type: ["number", "null"] } as const;
const numbers = { type: "array", items: numberOrNull } as const;
const count = { type: "integer", minimum: 0 } as const;
const ofDimension = { type: "integer", minimum: 0 } as const;

/** What a window gave. */
export const STREAM_RESULT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "id",
    "key",
    "window_start",
    "window_end",
    "revision",
    "superseded",
    "points",
    "diagrams",
    "outputs",
    "alerts",
    "provenance",
  ],
  properties: {
    id: { type: "string", pattern: idPattern("res"), description: "The same for the same window and revision." },
    key: { type: "string" },
    window_start: time,
    window_end: {
      ...time,
      description: "Not in the window, but for a count window its last point.",
    },
    revision: { ...count, description: "0 is the first; a late point makes a further one." },
    superseded: {
      type: "boolean",
      description:
        "The window has been joined with another one: there is no such window any more, and it has no diagrams.",
    },
    points: { ...count, description: "Of the window." },
    diagrams: {
      anyOf: [DIAGRAMS_SCHEMA, { type: "null" }],
      description: "As the compute call gives them. null without the output `diagrams`.",
    },
    outputs: {
      type: "object",
      additionalProperties: false,
      description: "The outputs of the definition beside the diagrams.",
      properties: {
        betti_curve: {
          type: "array",
          items: {
            type: "object",
            additionalProperties: false,
            required: ["dimension", "grid", "values"],
            properties: { dimension: ofDimension, grid: numbers, values: numbers },
          },
        },
        landscape: {
          type: "array",
          items: {
            type: "object",
            additionalProperties: false,
            required: ["dimension", "grid", "levels"],
            properties: { dimension: ofDimension, grid: numbers, levels: { type: "array", items: numbers } },
          },
        },
        persistence_entropy: { ...numbers, description: "By dimension." },
        total_persistence: { ...numbers, description: "By dimension: the sum of the lengths of finite bars." },
        change_score: {
          type: "object",
          additionalProperties: false,
          required: ["distance", "z_score"],
          properties: {
            distance: { ...numberOrNull, description: "To the window before; null: there is none." },
            z_score: { ...numberOrNull, description: "null: the history is empty or has no spread." },
          },
        },
      },
    },
    alerts: { type: "array", items: { type: "string" }, description: "Rules that this window set off." },
    provenance: {
      type: "object",
      additionalProperties: false,
      required: [
        "definition_version",
        "window_seq",
        "opened_at",
        "superseded_by",
        "algorithm",
        "scale",
        "coefficient_field",
        "threshold",
        "method",
        "points_used",
        "cover_radius",
      ],
      properties: {
        definition_version: { type: "integer", minimum: 1 },
        window_seq: { ...count, description: "Of the key, by the order in which windows were opened." },
        opened_at: { ...time, description: "When the point that opened the window was received." },
        superseded_by: {
          type: ["integer", "null"],
          description: "`window_seq` of the window that it was joined with.",
        },
        algorithm: { const: "vietoris-rips" },
        scale: { const: "diameter" },
        coefficient_field: { const: 2 },
        threshold: { ...numberOrNull, description: "Largest diameter considered; null: infinite." },
        method: {
          type: "string",
          enum: ["exact", "subsample"],
          description: "Of the window's rows, or of its farthest ones.",
        },
        points_used: { ...count, description: "Rows that were computed on: after embedding and subsampling." },
        cover_radius: {
          ...numberOrNull,
          description: "Of a subsample: no row is farther from it. null: all were used.",
        },
      },
    },
  },
} as const;
export type StreamResultView = Static<typeof STREAM_RESULT_SCHEMA>;
export const STREAM_RESULT_PAGE_SCHEMA = pageSchema(STREAM_RESULT_SCHEMA);

export const STREAM_RESULTS_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...PAGE_QUERY_PROPERTIES,
    cursor: { ...PAGE_QUERY_PROPERTIES.cursor, maxLength: 1_024 },
    key: { type: "string", maxLength: STREAM_KEY_CHARACTERS, description: "Only this key; empty: points without one." },
    from: { type: "string", pattern: TIME_PATTERN, description: "Only windows that begin at or after this time." },
    to: { type: "string", pattern: TIME_PATTERN, description: "Only windows that begin before this time." },
    revisions: {
      type: "string",
      enum: ["latest", "all"],
      default: "latest",
      description: "`latest`: of each window its last revision, and none of a window that was joined with another.",
    },
    version: { type: "integer", minimum: 1, description: "Only results of this version of the definition." },
  },
} as const;
export type StreamResultsQuery = Static<typeof STREAM_RESULTS_QUERY_SCHEMA>;

/** One server-sent event of `streams.results_live`, by the fields of its lines. */
export const STREAM_LIVE_EVENT_SCHEMA = {
  type: "object",
  required: ["event", "id", "data"],
  properties: {
    event: { const: "result" },
    id: {
      type: "string",
      pattern: "^[0-9]{1,15}$",
      description: "Number of the result in its stream, for `Last-Event-ID`.",
    },
    data: {
      type: "string",
      contentMediaType: "application/json",
      contentSchema: STREAM_RESULT_SCHEMA,
      description: "The result, as JSON.",
    },
  },
} as const;

export const STREAM_LIVE_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ticket: { type: "string", maxLength: 200, description: "A one-use ticket in place of credentials in a header." },
  },
} as const;

export const STREAM_REJECTED_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "key", "t", "v", "reason", "code", "detail", "origin", "received_at", "redriven_at"],
  properties: {
    id: { type: "string", pattern: idPattern("rej") },
    key: { type: "string" },
    t: { type: ["integer", "null"], description: "Of the point; of a window that failed its start." },
    v: { anyOf: [{ type: "array", items: number }, { type: "null" }] },
    reason: { type: "string", enum: REJECTION_REASONS },
    code: { type: "string", description: "Why: a code of the stream semantics, or of a problem." },
    detail: { type: "string" },
    origin: { type: "string", description: "The record, window or request that it comes from." },
    received_at: time,
    redriven_at: { type: ["string", "null"], format: "date-time", description: "When it was last sent once more." },
  },
} as const;
export type StreamRejected = Static<typeof STREAM_REJECTED_SCHEMA>;
export const STREAM_REJECTED_PAGE_SCHEMA = pageSchema(STREAM_REJECTED_SCHEMA);

export const STREAM_REJECTED_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...PAGE_QUERY_PROPERTIES,
    key: { type: "string", maxLength: STREAM_KEY_CHARACTERS, description: "Only this key." },
    reason: { type: "string", enum: REJECTION_REASONS, description: "Only this reason." },
  },
} as const;
export type StreamRejectedQuery = Static<typeof STREAM_REJECTED_QUERY_SCHEMA>;

/** Body of `streams.redrive`: points that match all that is given. */
export const STREAM_REDRIVE_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    ids: {
      type: "array",
      minItems: 1,
      maxItems: STREAM_REDRIVE_POINTS,
      items: { type: "string", pattern: idPattern("rej") },
      description: "Only these.",
    },
    reason: { type: "string", enum: REJECTION_REASONS, description: "Only this reason." },
  },
} as const;
export type StreamRedriveRequest = Static<typeof STREAM_REDRIVE_REQUEST_SCHEMA>;

export const STREAM_REDRIVEN_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["redriven", "more"],
  properties: {
    redriven: {
      type: "integer",
      minimum: 0,
      description: "Points that were sent once more, and are durable in the log.",
    },
    more: { type: "boolean", description: "There may be more: send the request again." },
  },
} as const;
export type StreamRedriven = Static<typeof STREAM_REDRIVEN_SCHEMA>;

export const STREAM_FLUSHED_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["keys"],
  properties: { keys: { type: "integer", minimum: 0, description: "Keys whose open windows are being closed." } },
} as const;
export type StreamFlushed = Static<typeof STREAM_FLUSHED_SCHEMA>;

/** Body of `streams.replay`. */
export const STREAM_REPLAY_REQUEST_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["from"],
  properties: { from: { type: "string", pattern: TIME_PATTERN, description: "Event time of the first points." } },
} as const;
export type StreamReplayRequest = Static<typeof STREAM_REPLAY_REQUEST_SCHEMA>;

export const STREAM_REPLAYED_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["version", "points"],
  properties: {
    version: {
      type: "integer",
      minimum: 1,
      description: "Of the definition, under which the points are computed anew.",
    },
    points: { type: "integer", minimum: 0, description: "Points that were written to the log once more." },
  },
} as const;
export type StreamReplayed = Static<typeof STREAM_REPLAYED_SCHEMA>;
