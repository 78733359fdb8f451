import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

export const streamStates: Migration = {
  version: 11,
  name: "states of streams",
  statements: [
    // What the embedded stream engine has made of the records of a log (`embedded`, or a Kafka cluster) so far.
    `create table tda.stream_positions (
      log text not null,
      partition int not null,
      next_offset bigint not null,
      updated_at timestamptz not null default now(),
      primary key (log, partition)
    ) with (fillfactor = 50)`,
    `create table tda.stream_states (
      log text not null,
      partition int not null,
      stream_id text not null,
      key text not null,
      project_id text not null,
      version int not null,
      last_seq bigint not null,
      state bytea not null,
      master_key_id text not null,
      is_waiting boolean not null,
      flush_at timestamptz,
      forgets boolean not null,
      primary key (log, partition, stream_id, key)
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`,
    // What is sealed can't be compressed.
    "alter table tda.stream_states alter column state set storage external",
    "create index stream_states_due on tda.stream_states (log, partition, flush_at) where flush_at is not null",
    "create index stream_states_waiting on tda.stream_states (log, partition) where is_waiting",
    "create index stream_states_by_project on tda.stream_states (project_id)",
    ...isolateProjects("stream_states"),
  ],
};
