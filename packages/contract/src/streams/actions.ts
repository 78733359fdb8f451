import type { Static } from "typebox";
import { TIME_PATTERN } from "../jobs.ts";

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
