import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

export const REJECTION_REASONS = ["late", "quarantined", "poison", "failed"] as const;

/** Records of the topic `rejected`: points, windows and records that give no result, and why. */
export const STREAM_REJECTION = {
  type: "record",
  name: "StreamRejection",
  namespace: EVENT_NAMESPACE,
  doc: "One point that was not taken, one window that could not be computed, or one record that could not be read.",
  fields: [
    { name: "project_id", type: "string", doc: "Empty where the record could not be read." },
    { name: "stream_id", type: "string" },
    { name: "key", type: "string" },
    { name: "definition_version", type: "int" },
    {
      name: "origin",
      type: "string",
      doc: "Where it comes from, unique in its key: `record:<partition>:<offset>:<index>`, `window:<definition_version>:<window_seq>:<revision>` or `batch:<batch_id>:<index>`.",
    },
    { name: "reason", type: { type: "enum", name: "RejectionReason", symbols: REJECTION_REASONS } },
    { name: "code", type: "string", doc: "A problem code, or one of the codes of the stream semantics." },
    { name: "detail", type: "string" },
    { name: "received_at", type: "long", doc: "Of the record; of a window `opened_at`." },
    { name: "t", type: ["null", "long"], doc: "Of a point; of a window its start." },
    { name: "v", type: ["null", { type: "array", items: "double" }] },
    { name: "raw", type: ["null", "bytes"], doc: "Of a record that could not be read, its first 65,536 bytes." },
  ],
} as const satisfies AvroRecord;

export type StreamRejection = AvroValue<typeof STREAM_REJECTION>;
export type RejectionReason = (typeof REJECTION_REASONS)[number];
