import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

export const usageIdempotencyInstances: Migration = {
  version: 6,
  name: "hourly use, idempotency keys, instances",
  statements: [
    `create table tda.usage_hours (
      project_id text not null,
      hour timestamptz not null,
      requests bigint not null default 0,
      computations bigint not null default 0,
      cpu_seconds double precision not null default 0,
      bytes_received bigint not null default 0,
      bytes_sent bigint not null default 0,
      primary key (project_id, hour)
    )`,
    "create index usage_hours_by_time on tda.usage_hours (hour)",
    ...isolateProjects("usage_hours"),
    // The key itself is not kept: its hash finds it, and the answer is sealed under it.
    `create table tda.idempotency_keys (
      project_id text not null,
      operation text not null,
      key_sha256 bytea not null check (octet_length(key_sha256) = 32),
      token text not null,
      seed uuid not null,
      lease_until timestamptz not null,
      request_sha256 bytea check (octet_length(request_sha256) = 32),
      status smallint,
      answer bytea,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (project_id, operation, key_sha256),
      check ((status is null) = (answer is null))
    )`,
    "create index idempotency_keys_by_expiry on tda.idempotency_keys (expires_at)",
    ...isolateProjects("idempotency_keys"),
    `create table tda.instances (
      id text primary key,
      started_at timestamptz not null default now(),
      seen_at timestamptz not null default now()
    )`,
  ],
};
