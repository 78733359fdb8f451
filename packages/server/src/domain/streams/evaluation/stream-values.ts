import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import type { StreamResult } from "@tda-platform/contract/events/stream-result";
import type { LogRecord } from "../../log/event-log.ts";
import { REJECTIONS, type Retraction, type WindowName } from "../windows/outcomes.ts";
import type { ChangeScore } from "./change-score.ts";
import type { EvaluatedWindow } from "./evaluate-window.ts";

/** So much of a record that cannot be decoded is kept. */
const RAW_BYTES = 65_536;

function nameFields({ projectId, streamId, key, definition, seq, revision, openedAt, start, end }: WindowName) {
  return {
    project_id: projectId,
    stream_id: streamId,
    definition_version: definition.version,
    key,
    window_seq: seq,
    revision,
    opened_at: openedAt,
    window_start: start,
    window_end: end,
  };
}

export function resultOf(
  window: WindowName,
  evaluated: EvaluatedWindow,
  { distance, zScore }: ChangeScore,
  alerts: readonly string[],
): StreamResult {
  const hasDiagrams = window.definition.outputs.includes("diagrams");
  return {
    ...nameFields(window),
    superseded_by: null,
    points: evaluated.points,
    points_used: evaluated.pointsUsed,
    cover_radius: evaluated.coverRadius,
    threshold: evaluated.threshold,
    diagrams: hasDiagrams
      ? evaluated.diagrams.map((pairs, dimension) => ({ dimension, pairs: Array.from(pairs) }))
      : [],
    values: evaluated.values,
    change_distance: distance,
    change_z_score: zScore,
    alerts,
  };
}

export function retractionOf({ window, supersededBy }: Retraction): StreamResult {
  return {
    ...nameFields(window),
    superseded_by: supersededBy,
    points: 0,
    points_used: 0,
    cover_radius: null,
    threshold: 0,
    diagrams: [],
    values: [],
    change_distance: null,
    change_z_score: null,
    alerts: [],
  };
}

/** The one rejection of a window that the engine gives no result of. */
export function failedWindow(window: WindowName, code: string): StreamRejection {
  const { projectId, streamId, key, definition, seq, revision, openedAt, start } = window;
  return {
    project_id: projectId,
    stream_id: streamId,
    key,
    definition_version: definition.version,
    origin: `window:${definition.version}:${seq}:${revision}`,
    reason: "failed",
    code,
    detail: "The engine gave no result of the window.",
    received_at: openedAt,
    t: start,
    v: null,
    raw: null,
  };
}

/** A record that is no event: of whom it is, only its key in the log says. */
export function undecodableRecord({ partition, offset, key, value, timestampMs }: LogRecord): StreamRejection {
  const feed = key.indexOf("\n");
  const [reason, detail] = REJECTIONS.undecodable_record;
  return {
    project_id: "",
    stream_id: feed < 0 ? "" : key.slice(0, feed),
    key: key.slice(feed + 1),
    definition_version: 0,
    origin: `record:${partition}:${offset}:0`,
    reason,
    code: "undecodable_record",
    detail,
    received_at: timestampMs,
    t: null,
    v: null,
    raw: (value ?? new Uint8Array(0)).slice(0, RAW_BYTES),
  };
}

/** In the place of a result that no record can hold. */
export function oversizedResult(result: StreamResult): StreamRejection {
  return {
    project_id: result.project_id,
    stream_id: result.stream_id,
    key: result.key,
    definition_version: result.definition_version,
    origin: `window:${result.definition_version}:${result.window_seq}:${result.revision}`,
    reason: "failed",
    code: "result_too_large",
    detail: "The result of the window is larger than a record may be.",
    received_at: result.opened_at,
    t: result.window_start,
    v: null,
    raw: null,
  };
}
