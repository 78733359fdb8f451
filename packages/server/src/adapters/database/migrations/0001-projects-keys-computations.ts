import type { Migration } from "./migration.ts";

const computationPartitions = 8;

export const projectsKeysComputations: Migration = {
  version: 1,
  name: "projects, API keys, computations",
  statements: [
    `create table tda.projects (
      id text primary key,
      name text not null,
      is_default boolean not null default false,
      cache_key bytea not null check (octet_length(cache_key) = 32),
      created_at timestamptz not null default now()
    )`,
    "create unique index projects_one_default on tda.projects (is_default) where is_default",
    `create table tda.api_keys (
      id text primary key,
      project_id text not null references tda.projects,
      name text not null,
      prefix text not null,
      secret_sha256 bytea not null unique check (octet_length(secret_sha256) = 32),
      role text not null check (role in ('viewer', 'analyst', 'operator', 'admin')),
      is_local boolean not null default false,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz
    )`,
    "create index api_keys_by_project on tda.api_keys (project_id, id)",
    // No foreign key to projects: a partition must be able to live in another shard than its project.
    `create table tda.computations (
      id text not null,
      project_id text not null,
      principal_id text not null,
      request_id text not null,
      algorithm text not null,
      status text not null check (status in ('succeeded', 'failed', 'cancelled')),
      error_code text,
      input_sha256 bytea not null check (octet_length(input_sha256) = 32),
      parameters jsonb not null,
      statistics jsonb,
      engine text not null,
      engine_version text not null,
      started_at timestamptz not null,
      finished_at timestamptz not null,
      primary key (project_id, id)
    ) partition by hash (project_id)`,
    ...Array.from(
      { length: computationPartitions },
      (_, i) =>
        `create table tda.computations_${i} partition of tda.computations for values with (modulus ${computationPartitions}, remainder ${i})`,
    ),
    // Rows come in the order of time, so this small index is enough to find the old ones.
    "create index computations_by_time on tda.computations using brin (finished_at)",
  ],
};
