import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

const outboxPartitions = 8;

export const eventLog: Migration = {
  version: 9,
  name: "event log, schemas, leases of partitions",
  statements: [
    // Schemas that records were written in; of installations without a registry.
    `create table tda.schemas (
      id int primary key,
      subject text not null,
      version int not null,
      schema json not null,
      created_at timestamptz not null default now(),
      unique (subject, version)
    )`,

    // Offsets are assigned under the lock of the partition's row, which its writer holds until it has committed: what is
    // seen of a partition has nothing before it that may still appear.
    `create table tda.log_partitions (
      topic text not null,
      partition int not null check (partition >= 0),
      first_offset bigint not null default 0,
      next_offset bigint not null default 0 check (next_offset >= first_offset),
      primary key (topic, partition)
    ) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.02)`,

    // The project is that of the value, and empty where that has none, so that an erasure finds its records.
    `create table tda.log_records (
      topic text not null,
      partition int not null,
      record_offset bigint not null,
      key text not null,
      project_id text not null,
      value bytea,
      headers json not null,
      master_key_id text,
      created_at timestamptz not null,
      primary key (topic, partition, record_offset),
      check ((value is null) = (master_key_id is null))
    ) with (autovacuum_vacuum_insert_scale_factor = 0.1)`,
    // What is sealed can't be compressed.
    "alter table tda.log_records alter column value set storage external",
    "create index log_records_by_project on tda.log_records (project_id)",
    "create index log_records_by_key on tda.log_records (key, record_offset) where topic = 'streams'",
    ...isolateProjects("log_records"),

    // For operators; what a group has done is known where it keeps its work.
    `create table tda.log_group_offsets (
      group_name text not null,
      topic text not null,
      partition int not null,
      next_offset bigint not null,
      updated_at timestamptz not null default now(),
      primary key (group_name, topic, partition)
    ) with (fillfactor = 50)`,

    `create table tda.lease_members (
      group_name text not null,
      topic text not null,
      member text not null,
      expires_at timestamptz not null,
      primary key (group_name, topic, member)
    ) with (fillfactor = 50)`,
    `create table tda.partition_leases (
      group_name text not null,
      topic text not null,
      partition int not null,
      owner text,
      epoch bigint not null default 0,
      expires_at timestamptz not null default now(),
      primary key (group_name, topic, partition)
    ) with (fillfactor = 50)`,

    "alter table tda.outbox add column traceparent text",
    // Every row of the outbox now changes once: it is marked when the log has it.
    ...Array.from(
      { length: outboxPartitions },
      (_, i) =>
        `alter table tda.outbox_${i} set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)`,
    ),
  ],
};
