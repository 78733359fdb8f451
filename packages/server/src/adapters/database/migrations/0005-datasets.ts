import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

export const datasets: Migration = {
  version: 5,
  name: "datasets, uploads, stored objects",
  statements: [
    // A row is there before its object's first byte and until after its last: what a crash leaves in the store is known.
    `create table tda.blobs (
      project_id text not null,
      id text not null,
      state text not null default 'writing' check (state in ('writing', 'kept', 'doomed')),
      master_key_id text not null,
      wrapped_key bytea not null check (octet_length(wrapped_key) = 60),
      bytes bigint check (bytes >= 0),
      created_at timestamptz not null default now(),
      touched_at timestamptz not null default now(),
      primary key (project_id, id)
    )`,
    "create index blobs_to_sweep on tda.blobs (touched_at) where state <> 'kept'",
    "create index blobs_by_master_key on tda.blobs (master_key_id)",
    `create table tda.datasets (
      project_id text not null,
      id text not null,
      name text not null,
      kind text not null check (kind in ('points', 'distances')),
      format text not null,
      row_count bigint not null check (row_count >= 0),
      column_count bigint not null check (column_count >= 0),
      bytes bigint not null check (bytes >= 0),
      sha256 bytea not null check (octet_length(sha256) = 32),
      blob_id text not null,
      created_by text not null,
      created_at timestamptz not null default now(),
      primary key (project_id, id)
    )`,
    `create table tda.uploads (
      project_id text not null,
      id text not null,
      state text not null default 'receiving' check (state in ('receiving', 'processing', 'finished', 'failed')),
      name text not null,
      format text,
      kind text,
      metadata text not null,
      length bigint not null check (length >= 0),
      received bigint not null default 0 check (received between 0 and length),
      dataset_id text,
      problem jsonb,
      lease_token uuid,
      lease_until timestamptz not null default now(),
      created_by text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (project_id, id)
    )`,
    "create index uploads_by_expiry on tda.uploads (expires_at)",
    "create index uploads_to_finish on tda.uploads (lease_until) where state = 'processing'",
    `create table tda.upload_parts (
      project_id text not null,
      upload_id text not null,
      start_byte bigint not null,
      blob_id text not null,
      primary key (project_id, upload_id, start_byte)
    )`,
    ...isolateProjects("blobs"),
    ...isolateProjects("datasets"),
    ...isolateProjects("uploads"),
    ...isolateProjects("upload_parts"),
  ],
};
