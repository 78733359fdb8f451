import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

const partitions = 8;

function partitioned(table: string): readonly string[] {
  return Array.from(
    { length: partitions },
    (_, i) =>
      `create table tda.${table}_${i} partition of tda.${table} for values with (modulus ${partitions}, remainder ${i})`,
  );
}

export const streams: Migration = {
  version: 10,
  name: "streams, their keys, results and rejected points",
  statements: [
    // `version` is that of the outbox's rows, `definition_version` that of records in the log. A deleted stream stays until
    // what belongs to it is gone. Its row is locked by whoever stores results: `result_position` numbers them in the order of commits.
    `create table tda.streams (
      project_id text not null,
      id text not null,
      status text not null default 'active' check (status in ('active', 'paused', 'deleted')),
      version int not null default 1,
      definition_version int not null default 1,
      settings json not null,
      result_position bigint not null default 0,
      key_count int not null default 0 check (key_count >= 0),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (project_id, id)
    ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)`,
    "create index streams_by_id on tda.streams (id)",
    "create index streams_deleted on tda.streams (project_id, id) where status = 'deleted'",

    // As the log has them: what a result of that version meant.
    `create table tda.stream_definitions (
      project_id text not null,
      stream_id text not null,
      version int not null,
      definition json not null,
      created_at timestamptz not null default now(),
      primary key (project_id, stream_id, version)
    )`,

    `create table tda.stream_keys (
      project_id text not null,
      stream_id text not null,
      key text not null,
      seen_at timestamptz not null default now(),
      primary key (project_id, stream_id, key)
    ) partition by hash (project_id)`,
    ...partitioned("stream_keys"),
    "create index stream_keys_by_time on tda.stream_keys (seen_at)",

    // A key that was forgotten counts its windows from 0 again: `opened_at` tells them apart.
    `create table tda.stream_results (
      project_id text not null,
      stream_id text not null,
      definition_version int not null,
      key text not null,
      window_seq bigint not null,
      revision int not null,
      opened_at bigint not null,
      id text not null,
      position bigint not null,
      window_start bigint not null,
      window_end bigint not null,
      superseded_by bigint,
      sha256 bytea not null check (octet_length(sha256) = 32),
      body bytea not null,
      master_key_id text not null,
      created_at timestamptz not null default now(),
      primary key (project_id, stream_id, definition_version, key, window_seq, revision, opened_at)
    ) partition by hash (project_id)`,
    // What is sealed can't be compressed.
    "alter table tda.stream_results alter column body set storage external",
    ...partitioned("stream_results"),
    "create unique index stream_results_by_position on tda.stream_results (project_id, stream_id, position)",
    "create index stream_results_by_window on tda.stream_results (project_id, stream_id, window_start, id)",
    "create index stream_results_by_time on tda.stream_results using brin (created_at)",

    `create table tda.stream_rejected (
      project_id text not null,
      stream_id text not null,
      key text not null,
      origin text not null,
      id text not null,
      definition_version int not null,
      reason text not null,
      code text not null,
      t bigint,
      received_at timestamptz not null,
      body bytea not null,
      master_key_id text not null,
      created_at timestamptz not null default now(),
      redriven_at timestamptz,
      primary key (project_id, stream_id, key, origin)
    ) partition by hash (project_id)`,
    "alter table tda.stream_rejected alter column body set storage external",
    ...partitioned("stream_rejected"),
    "create unique index stream_rejected_by_id on tda.stream_rejected (project_id, stream_id, id)",
    "create index stream_rejected_by_time on tda.stream_rejected using brin (created_at)",

    // How far a topic's partition is stored, in the transaction that stores it. Of no project.
    `create table tda.sink_offsets (
      log text not null,
      topic text not null,
      partition int not null check (partition >= 0),
      next_offset bigint not null,
      updated_at timestamptz not null default now(),
      primary key (log, topic, partition)
    ) with (fillfactor = 50)`,

    // A webhook tells the end of a job or an alert of a stream.
    "alter table tda.webhook_deliveries alter column job_id drop not null, add column stream_id text",
    "alter table tda.webhook_deliveries add check ((job_id is null) <> (stream_id is null))",
    "create index webhook_deliveries_by_stream on tda.webhook_deliveries (project_id, stream_id) where stream_id is not null",

    ...isolateProjects("streams"),
    ...isolateProjects("stream_definitions"),
    ...isolateProjects("stream_keys"),
    ...isolateProjects("stream_results"),
    ...isolateProjects("stream_rejected"),
  ],
};
