// Records of the topics `streams` and `events`, as the server writes them.
import { randomBytes } from "node:crypto";
import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import type { StreamEvent } from "@tda-platform/contract/events/stream-event";
import { pointAt } from "./points.ts";

const RECORD_POINTS = 50;

/** Count windows of 50 points of the plane in dimensions 0 and 1, unless told otherwise. */
export function definitionOf(fields: Partial<StreamDefinition> = {}): StreamDefinition {
  return {
    project_id: "prj_bench",
    stream_id: "str_bench",
    version: 1,
    name: "bench",
    point_dimension: 2,
    window_type: "count",
    size_ms: 0,
    slide_ms: 0,
    gap_ms: 0,
    count: RECORD_POINTS,
    out_of_orderness_ms: 0,
    allowed_lateness_ms: 0,
    max_revisions: 0,
    idle_timeout_ms: 5_000,
    key_ttl_ms: 86_400_000,
    embedding_type: "none",
    embedding_dimension: 1,
    embedding_delay: 1,
    embedding_skip: 1,
    max_dimension: 1,
    threshold: null,
    max_points_per_window: 1_000,
    max_held_points: 100_000,
    max_engine_bytes: 268_435_456,
    outputs: ["diagrams"],
    change_distance: "bottleneck",
    change_p: 2,
    change_dimensions: [1],
    change_history: 50,
    alerts: [],
    ...fields,
  };
}

/** Records of 50 points of a key, the keys in turn; a key's times are 0, 1, 2, … */
export function eventsOf(points: number, keys: number, windowPoints = RECORD_POINTS): StreamEvent[] {
  const { project_id, stream_id, version } = definitionOf();
  return Array.from({ length: Math.ceil(points / RECORD_POINTS) }, (_, n) => {
    const first = Math.floor(n / keys) * RECORD_POINTS;
    return {
      project_id,
      stream_id,
      definition_version: version,
      received_at: 1_700_000_000_000 + n,
      key: `sensor-${n % keys}`,
      kind: "points",
      batch_id: `batch-${n}`,
      batch_part: 0,
      body_hash: randomBytes(16),
      points: Array.from({ length: RECORD_POINTS }, (_, i) => ({
        index: i,
        t: first + i,
        // Each key's circle begins elsewhere, so that no two windows are the same.
        v: [...pointAt(first + i + (n % keys) * windowPoints * 31)],
      })),
      last_seq: null,
      forget: false,
    };
  });
}
