import type { LimitDefinition } from "./definition.ts";
import {
  STREAM_KEY_CHARACTERS,
  STREAM_POINT_DIMENSION,
  STREAM_REDRIVE_POINTS,
  STREAM_REPLAY_POINTS,
  STREAM_REQUEST_POINTS,
  STREAM_SOCKET_LIMIT,
  STREAM_SOCKET_MESSAGE_BYTES,
  STREAM_WINDOW_POINTS,
} from "./values.ts";

/** Of streams. */
export const STREAMS_LIMITS = {
  project_streams: {
    unit: "count",
    value: { setting: "projectStreams" },
    summary: "Streams of one project; 0: no limit.",
    problem: "stream_quota_exceeded",
  },
  project_points_per_second: {
    unit: "points",
    value: { setting: "projectPointsPerSecond" },
    summary: "Points a second of one project; 0: no limit.",
    problem: "stream_rate_exceeded",
  },
  stream_keys: {
    unit: "count",
    value: { setting: "streamMaxKeys" },
    summary: "Keys of one stream.",
    problem: "stream_key_limit_exceeded",
  },
  stream_key_characters: {
    unit: "characters",
    value: { fixed: STREAM_KEY_CHARACTERS },
    summary: "A key; the point of a longer one is rejected.",
    problem: null,
  },
  stream_point_dimension: {
    unit: "count",
    value: { fixed: STREAM_POINT_DIMENSION },
    summary: "Numbers of a point.",
    problem: "validation_failed",
  },
  stream_request_points: {
    unit: "points",
    value: { fixed: STREAM_REQUEST_POINTS },
    summary: "Points of one request.",
    problem: "stream_batch_too_large",
  },
  stream_window_points: {
    unit: "points",
    value: { fixed: STREAM_WINDOW_POINTS },
    summary: "Largest `max_points_per_window`, and largest count window.",
    problem: "validation_failed",
  },
  stream_held_points: {
    unit: "points",
    value: { setting: "streamMaxHeldPoints" },
    summary: "Points of open windows of one key; further ones are rejected.",
    problem: null,
  },
  stream_window_bytes: {
    unit: "bytes",
    value: { setting: "streamMaxEngineBytes" },
    summary: "Memory of one window's computation; a window that needs more is rejected.",
    problem: null,
  },
  stream_future_milliseconds: {
    unit: "milliseconds",
    value: { setting: "streamMaxFutureMs" },
    summary: "Time of a point ahead of the server's clock; further ones are quarantined.",
    problem: null,
  },
  stream_redriven_points: {
    unit: "points",
    value: { fixed: STREAM_REDRIVE_POINTS },
    summary: "Rejected points that one request sends once more; `more` says that it is to be sent again.",
    problem: null,
  },
  stream_replayed_points: {
    unit: "points",
    value: { fixed: STREAM_REPLAY_POINTS },
    summary: "Points that one replay writes once more.",
    problem: "stream_batch_too_large",
  },
  stream_sockets: {
    unit: "count",
    value: { fixed: STREAM_SOCKET_LIMIT },
    summary: "WebSockets that one process serves at the same time.",
    problem: "overloaded",
  },
  stream_socket_message_bytes: {
    unit: "bytes",
    value: { fixed: STREAM_SOCKET_MESSAGE_BYTES },
    summary: "A message of a WebSocket; a longer one closes it.",
    problem: null,
  },
} as const satisfies Record<string, LimitDefinition>;
