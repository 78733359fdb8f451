import type { Migration } from "./migration.ts";

/** The trace that a job was submitted in, for all its events. */
export const tracesOfJobs: Migration = {
  version: 12,
  name: "traces of jobs",
  statements: ["alter table tda.jobs add column traceparent text"],
};
