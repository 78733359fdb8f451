import type { StreamDefinition } from "@tda-platform/contract/events/stream-definition";
import { STREAM_CHANGE_DEFAULTS, STREAM_IDLE_TIMEOUT_MS, type StreamSettings } from "@tda-platform/contract/streams";

/** What an operator gives every definition. */
export interface DefinitionBounds {
  readonly streamKeyTtlMs: number;
  readonly streamMaxHeldPoints: number;
  readonly streamMaxEngineBytes: number;
}

/** The stream's definition as it goes to the log: everything that decides its results, and nothing else. */
export function logDefinition(
  place: { readonly projectId: string; readonly id: string; readonly version: number },
  settings: StreamSettings,
  bounds: DefinitionBounds,
): StreamDefinition {
  const { window, embedding, compute } = settings;
  const change = settings.change ?? STREAM_CHANGE_DEFAULTS;
  return {
    project_id: place.projectId,
    stream_id: place.id,
    version: place.version,
    name: settings.name,
    point_dimension: settings.point_dimension,
    window_type: window.type,
    size_ms: window.size_ms ?? 0,
    slide_ms: window.type === "tumbling" ? (window.size_ms ?? 0) : (window.slide_ms ?? 0),
    gap_ms: window.gap_ms ?? 0,
    count: window.count ?? 0,
    out_of_orderness_ms: settings.out_of_orderness_ms,
    allowed_lateness_ms: settings.allowed_lateness_ms,
    max_revisions: settings.max_revisions,
    idle_timeout_ms: settings.idle_timeout_ms ?? STREAM_IDLE_TIMEOUT_MS,
    key_ttl_ms: bounds.streamKeyTtlMs,
    embedding_type: embedding.type,
    embedding_dimension: embedding.dimension ?? 1,
    embedding_delay: embedding.delay,
    embedding_skip: embedding.skip,
    max_dimension: compute.max_dimension,
    threshold: compute.threshold,
    max_points_per_window: settings.max_points_per_window,
    max_held_points: bounds.streamMaxHeldPoints,
    max_engine_bytes: bounds.streamMaxEngineBytes,
    outputs: settings.outputs,
    change_distance: change.distance,
    change_p: change.p,
    change_dimensions: change.dimensions,
    change_history: change.history,
    alerts: settings.alerts.map(({ callback_url: _callback, ...rule }) => rule),
  };
}

/** Whether records of the two mean the same: all but the name, which is for people, and the version. */
export function meansTheSame(one: StreamDefinition, other: StreamDefinition): boolean {
  const meaning = ({ name: _name, version: _version, ...rest }: StreamDefinition) => JSON.stringify(rest);
  return meaning(one) === meaning(other);
}
