import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

/** Records of the topic `events`: what happens to one key of one stream, in order. */
export const STREAM_EVENT = {
  type: "record",
  name: "StreamEvent",
  namespace: EVENT_NAMESPACE,
  doc: "Points of one key of a stream, in order, or a flush of the key.",
  fields: [
    { name: "project_id", type: "string" },
    { name: "stream_id", type: "string" },
    { name: "key", type: "string", doc: "Of the points; the empty string for points sent without one." },
    {
      name: "definition_version",
      type: "int",
      doc: "The stream's definition when the record was written; what it means.",
    },
    {
      name: "received_at",
      type: "long",
      doc: "Clock of the gateway, milliseconds since 1970. In no result, but in its id.",
    },
    { name: "kind", type: { type: "enum", name: "StreamEventKind", symbols: ["points", "flush"] } },
    {
      name: "batch_id",
      type: "string",
      doc: "Of the request that brought the points; the same again is the same request sent again. Empty for a flush.",
    },
    { name: "batch_part", type: "int", doc: "0, 1, … where a request's points of one key take several records." },
    { name: "body_hash", type: "bytes", doc: "First 16 bytes of the SHA-256 of the part's points. Empty for a flush." },
    {
      name: "points",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "StreamPoint",
          fields: [
            { name: "index", type: "int", doc: "In the request, from 0." },
            { name: "t", type: "long", doc: "Event time, milliseconds since 1970; may be negative." },
            {
              name: "v",
              type: { type: "array", items: "double" },
              doc: "As many finite numbers as the stream's dimension.",
            },
          ],
        },
      },
    },
    {
      name: "last_seq",
      type: ["null", "long"],
      doc: "Of a flush: it counts only while this is the number of points of the key so far; null: in any case.",
    },
    { name: "forget", type: "boolean", doc: "Of a flush: the key's state ends with it." },
  ],
} as const satisfies AvroRecord;

export type StreamEvent = AvroValue<typeof STREAM_EVENT>;
export type StreamPoint = StreamEvent["points"][number];
