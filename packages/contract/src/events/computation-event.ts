import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

/** Records of the topic `computations`: synchronous computations that ended. What was computed is not told: no content key either. */
export const COMPUTATION_EVENT = {
  type: "record",
  name: "ComputationEvent",
  namespace: EVENT_NAMESPACE,
  doc: "A computation that was answered at once, and has ended.",
  fields: [
    { name: "project_id", type: "string" },
    { name: "computation_id", type: "string" },
    { name: "algorithm", type: "string" },
    { name: "status", type: "string", doc: "succeeded, failed or cancelled." },
    { name: "error", type: ["null", "string"], doc: "Problem code of a failure." },
    { name: "engine", type: "string" },
    { name: "engine_version", type: "string" },
    { name: "seconds", type: "double" },
    { name: "time", type: "long", doc: "Milliseconds since 1970." },
  ],
} as const satisfies AvroRecord;

export type ComputationEvent = AvroValue<typeof COMPUTATION_EVENT>;
