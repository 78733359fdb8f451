import { JOB_EVENT_TYPES } from "../jobs.ts";
import { type AvroRecord, type AvroValue, EVENT_NAMESPACE } from "./avro.ts";

/** Records of the topic `jobs`: what happens to a job, one version after the other. */
export const JOB_EVENT = {
  type: "record",
  name: "JobEvent",
  namespace: EVENT_NAMESPACE,
  doc: "A change of a job. Its CloudEvents type is `type`.",
  fields: [
    { name: "project_id", type: "string" },
    { name: "job_id", type: "string" },
    { name: "version", type: "int", doc: "Of the job: consumers ignore those that they have seen." },
    { name: "type", type: "string", doc: JOB_EVENT_TYPES.join(", ") },
    { name: "algorithm", type: "string" },
    { name: "status", type: "string" },
    { name: "attempt", type: "int" },
    { name: "progress", type: "double" },
    { name: "stage", type: ["null", "string"] },
    { name: "error", type: ["null", "string"], doc: "Problem code of a failure." },
    { name: "time", type: "long", doc: "Milliseconds since 1970." },
  ],
} as const satisfies AvroRecord;

export type JobEvent = AvroValue<typeof JOB_EVENT>;
