import type { ProblemDefinition } from "./definition.ts";

/** Of streams and what is written to them. */
export const STREAM_PROBLEMS = {
  stream_paused: {
    status: 409,
    title: "Stream is paused",
    retryable: true,
    meaning: "The stream takes no points until it is resumed.",
    remedy: "Resume it, and send the points again.",
  },
  stream_not_paused: {
    status: 409,
    title: "Stream is not paused",
    retryable: false,
    meaning: "Points that come meanwhile would make those of a replay late: a stream is replayed while it is paused.",
    remedy: "Pause it, replay, and resume it.",
  },
  stream_batch_too_large: {
    status: 413,
    title: "Too many points",
    retryable: false,
    meaning: "The request has more points than the limit `stream_request_points`. None was taken.",
    remedy: "Send them in several requests.",
  },
  stream_key_limit_exceeded: {
    status: 429,
    title: "Too many keys",
    retryable: false,
    meaning: "The stream would have more keys than the limit `stream_keys`. None of the request's points was taken.",
    remedy: "Use fewer keys or several streams. Keys without points are forgotten after `TDA_STREAM_KEY_TTL_MS`.",
  },
  stream_quota_exceeded: {
    status: 429,
    title: "Too many streams",
    retryable: false,
    meaning: "The project has as many streams as the limit `project_streams`.",
    remedy: "Delete streams that are no longer needed, or raise `TDA_PROJECT_STREAMS`.",
  },
  stream_rate_exceeded: {
    status: 429,
    title: "Too many points at a time",
    retryable: true,
    meaning:
      "The project sends more points a second than the limit `project_points_per_second`. None of the request's was taken.",
    remedy: "Wait `Retry-After` seconds.",
  },
  log_unavailable: {
    status: 503,
    title: "Event log not available",
    retryable: true,
    meaning: "The log did not acknowledge the points: whether they are in it is not known.",
    remedy: "Send the same again with the same `Idempotency-Key`: nothing is taken twice.",
  },
  upgrade_required: {
    status: 426,
    title: "WebSocket expected",
    retryable: false,
    meaning: "The path is served by WebSocket (RFC 6455) alone.",
    remedy: "Connect with a WebSocket client, or use the operations over HTTP.",
  },
} as const satisfies Record<string, ProblemDefinition>;
