import type { Static } from "typebox";
import { DIAGRAMS_SCHEMA } from "../compute-results.ts";
import { idPattern } from "../identifiers.ts";
import { TIME_PATTERN } from "../jobs.ts";
import { STREAM_KEY_CHARACTERS } from "../limits.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "../pages.ts";

const time = { type: "string", format: "date-time" } as const;
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
