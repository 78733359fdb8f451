import type { Static } from "typebox";
import { STREAM_KEY_CHARACTERS, STREAM_REQUEST_POINTS } from "../limits.ts";

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
