import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

/** Records of the topic `job_statistics`: what the jobs of an algorithm did in a minute, so far. The last record of a key is the one that counts. */
export const JOB_STATISTICS = {
  type: "record",
  name: "JobStatistics",
  namespace: EVENT_NAMESPACE,
  doc: "Counts of the events of one algorithm's jobs in one minute.",
  fields: [
    { name: "algorithm", type: "string" },
    { name: "minute", type: "long", doc: "Its start, milliseconds since 1970." },
    { name: "submitted", type: "long" },
    { name: "started", type: "long" },
    { name: "completed", type: "long" },
    { name: "failed", type: "long" },
    { name: "cancelled", type: "long" },
    {
      name: "failure_rate",
      type: ["null", "double"],
      doc: "Failed of those that completed or failed; null: none did.",
    },
    { name: "duration_ms_sum", type: "long", doc: "From start to end, of those that completed or failed." },
    { name: "duration_ms_max", type: "long" },
  ],
} as const satisfies AvroRecord;

export type JobStatistics = AvroValue<typeof JOB_STATISTICS>;
