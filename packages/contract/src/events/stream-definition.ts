import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

export const STREAM_OUTPUTS = [
  "diagrams",
  "betti_curve",
  "persistence_entropy",
  "landscape",
  "total_persistence",
  "change_score",
] as const;
export const WINDOW_TYPES = ["tumbling", "sliding", "session", "count"] as const;

/** Records of the compacted topic `streams`: the versions of a stream's definition. A tombstone deletes the stream. */
export const STREAM_DEFINITION = {
  type: "record",
  name: "StreamDefinition",
  namespace: EVENT_NAMESPACE,
  doc: "What a stream's records of this version mean: nothing else decides what results they give.",
  fields: [
    { name: "project_id", type: "string" },
    { name: "stream_id", type: "string" },
    { name: "version", type: "int", doc: "1, 2, …" },
    { name: "name", type: "string" },
    { name: "point_dimension", type: "int", doc: "Numbers of a point; the same in all versions." },
    { name: "window_type", type: { type: "enum", name: "WindowType", symbols: WINDOW_TYPES } },
    { name: "size_ms", type: "long", doc: "Of tumbling and sliding windows; otherwise 0." },
    { name: "slide_ms", type: "long", doc: "Of sliding windows; of tumbling ones the size; otherwise 0." },
    { name: "gap_ms", type: "long", doc: "Of session windows; otherwise 0." },
    { name: "count", type: "int", doc: "Points of a count window; otherwise 0." },
    { name: "out_of_orderness_ms", type: "long" },
    { name: "allowed_lateness_ms", type: "long" },
    { name: "max_revisions", type: "int", doc: "A window's largest revision." },
    { name: "idle_timeout_ms", type: "long", doc: "After so long without a record of the key a flush is written." },
    {
      name: "key_ttl_ms",
      type: "long",
      doc: "After so long without a record of the key a flush that forgets it is written.",
    },
    { name: "embedding_type", type: { type: "enum", name: "EmbeddingType", symbols: ["none", "takens"] } },
    { name: "embedding_dimension", type: "int", doc: "Of a Takens embedding; otherwise 1." },
    { name: "embedding_delay", type: "int", doc: "In points." },
    { name: "embedding_skip", type: "int", doc: "In points." },
    { name: "max_dimension", type: "int" },
    { name: "threshold", type: ["null", "double"], doc: "null: each window's enclosing radius." },
    { name: "max_points_per_window", type: "int", doc: "Of more, so many are chosen farthest first." },
    { name: "max_held_points", type: "int", doc: "That a key holds at once; further ones are rejected." },
    { name: "max_engine_bytes", type: "long", doc: "Memory budget of one call of the engine." },
    {
      name: "outputs",
      type: { type: "array", items: { type: "enum", name: "StreamOutput", symbols: STREAM_OUTPUTS } },
    },
    {
      name: "change_distance",
      type: { type: "enum", name: "ChangeDistance", symbols: ["bottleneck", "wasserstein"] },
    },
    { name: "change_p", type: "double", doc: "Order of the Wasserstein distance." },
    { name: "change_dimensions", type: { type: "array", items: "int" } },
    { name: "change_history", type: "int", doc: "Distances that the robust z-score is taken over." },
    {
      name: "alerts",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "AlertRule",
          fields: [
            { name: "name", type: "string" },
            { name: "level", type: "double", doc: "Least z-score of the change that counts." },
            { name: "run_length", type: "int", doc: "Windows in a row that must count." },
            { name: "cool_down", type: "int", doc: "Windows after an alert in which there is no other." },
          ],
        },
      },
    },
  ],
} as const satisfies AvroRecord;

export type StreamDefinition = AvroValue<typeof STREAM_DEFINITION>;
export type StreamOutput = (typeof STREAM_OUTPUTS)[number];
export type WindowType = (typeof WINDOW_TYPES)[number];
