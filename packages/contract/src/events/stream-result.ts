import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

/**
 * Records of the topic `results`: one for each window and revision. No clock and no statistics are in it: whoever computes a
 * window, and however often, the bytes are the same.
 */
export const STREAM_RESULT = {
  type: "record",
  name: "StreamResult",
  namespace: EVENT_NAMESPACE,
  doc: "What a window of a key gave, or that another one has taken its place.",
  fields: [
    { name: "project_id", type: "string" },
    { name: "stream_id", type: "string" },
    { name: "definition_version", type: "int" },
    { name: "key", type: "string" },
    {
      name: "window_seq",
      type: "long",
      doc: "Of the key, by the order in which windows were opened; it never changes.",
    },
    { name: "revision", type: "int" },
    { name: "opened_at", type: "long", doc: "`received_at` of the record that opened the window." },
    { name: "window_start", type: "long", doc: "Milliseconds since 1970." },
    {
      name: "window_end",
      type: "long",
      doc: "Milliseconds since 1970; not in the window, but for a count window its last point.",
    },
    {
      name: "superseded_by",
      type: ["null", "long"],
      doc: "The window_seq that absorbed this one: a retraction, without diagrams.",
    },
    { name: "points", type: "int", doc: "Of the window." },
    { name: "points_used", type: "int", doc: "Rows that the engine got: after embedding and subsampling." },
    {
      name: "cover_radius",
      type: ["null", "double"],
      doc: "Of a subsample: no row is farther from it. null: all rows were used.",
    },
    {
      name: "threshold",
      type: "double",
      doc: "Largest diameter considered: the definition's, or the enclosing radius.",
    },
    {
      name: "diagrams",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "Diagram",
          fields: [
            { name: "dimension", type: "int" },
            {
              name: "pairs",
              type: { type: "array", items: "double" },
              doc: "birth, death, birth, death, …; infinite: never dies.",
            },
          ],
        },
      },
    },
    {
      name: "values",
      doc: "Of the outputs beside the diagrams, in the definition's order, each for every dimension.",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "OutputValues",
          fields: [
            {
              name: "output",
              type: "string",
              doc: "betti_curve, persistence_entropy, landscape or total_persistence.",
            },
            { name: "dimension", type: "int" },
            { name: "values", type: { type: "array", items: "double" } },
          ],
        },
      },
    },
    {
      name: "change_distance",
      type: ["null", "double"],
      doc: "To the newest result of a lower window_seq; null: there is none.",
    },
    {
      name: "change_z_score",
      type: ["null", "double"],
      doc: "Robust z-score of the distance; null: the history has no spread.",
    },
    { name: "alerts", type: { type: "array", items: "string" }, doc: "Names of the rules that this window set off." },
  ],
} as const satisfies AvroRecord;

export type StreamResult = AvroValue<typeof STREAM_RESULT>;
