import type { Migration } from "./migration.ts";

/**
 * Inputs, results and kept answers are sealed under the master key. What is there unsealed, of no release, is dropped: jobs without
 * input fail, results are gone as after their retention.
 */
export const sealedValues: Migration = {
  version: 8,
  name: "sealed values",
  statements: [
    "truncate tda.job_inputs, tda.job_results, tda.idempotency_keys",
    "alter table tda.job_inputs add column master_key_id text not null",
    "alter table tda.job_results add column master_key_id text not null",
    // Of an answer, so null while there is none.
    "alter table tda.idempotency_keys add column master_key_id text, add check ((answer is null) = (master_key_id is null))",
    // What is sealed can't be compressed.
    "alter table tda.job_results alter column body set storage external",
  ],
};
