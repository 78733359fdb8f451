import type { Static } from "typebox";
import { REJECTION_REASONS } from "../events/stream-rejection.ts";
import { idPattern } from "../identifiers.ts";
import { STREAM_KEY_CHARACTERS, STREAM_REDRIVE_POINTS } from "../limits.ts";
import { PAGE_QUERY_PROPERTIES, pageSchema } from "../pages.ts";

const time = { type: "string", format: "date-time" } as const;

export const STREAM_REJECTED_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["id", "key", "t", "v", "reason", "code", "detail", "origin", "received_at", "redriven_at"],
  properties: {
    id: { type: "string", pattern: idPattern("rej") },
    key: { type: "string" },
    t: { type: ["integer", "null"], description: "Of the point; of a window that failed its start." },
    v: { anyOf: [{ type: "array", items: { type: "number" } }, { type: "null" }] },
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
