import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

const partitions = 8;

function partitioned(table: string, storage = ""): readonly string[] {
  return Array.from(
    { length: partitions },
    (_, i) =>
      `create table tda.${table}_${i} partition of tda.${table} for values with (modulus ${partitions}, remainder ${i})${storage}`,
  );
}

/** Rows change several times in minutes: room for new versions beside the old ones, and their removal soon. */
const changing =
  " with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05)";

export const jobs: Migration = {
  version: 4,
  name: "jobs, their inputs and results, outbox",
  statements: [
    `create table tda.jobs (
      project_id text not null,
      id text not null,
      algorithm text not null,
      status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      principal_id text not null,
      request_id text not null,
      computation_id text not null,
      parameters json not null,
      input_sha256 bytea not null check (octet_length(input_sha256) = 32),
      input_bytes bigint not null,
      dedup_key text not null,
      priority smallint not null default 0,
      order_at timestamptz not null default now(),
      run_after timestamptz not null default now(),
      estimate_seconds double precision,
      estimate_bytes double precision,
      cpu_limit_seconds double precision,
      deadline_at timestamptz,
      callback_url text,
      callback_queued_at timestamptz,
      warnings json not null default '[]',
      attempt int not null default 0,
      failures int not null default 0,
      is_dead boolean not null default false,
      worker_id text,
      lease_expires_at timestamptz,
      progress double precision not null default 0 check (progress between 0 and 1),
      stage text,
      error json,
      result_job_id text,
      result_attempt int,
      version int not null default 1,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      primary key (project_id, id),
      check ((status = 'running') = (worker_id is not null and lease_expires_at is not null)),
      check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
      check ((status = 'succeeded') = (result_job_id is not null))
    ) partition by hash (project_id)`,
    ...partitioned("jobs", changing),
    // The queue of each project, in its order.
    "create index jobs_queued on tda.jobs (project_id, order_at, id) where status = 'queued'",
    // Leases are renewed often: their time is in no index. Those that run are few.
    "create index jobs_running on tda.jobs (project_id, dedup_key) where status = 'running'",
    "create index jobs_equal on tda.jobs (project_id, dedup_key) where status = 'queued'",
    "create index jobs_by_deadline on tda.jobs (deadline_at) where status = 'queued' and deadline_at is not null",
    "create index jobs_to_call_back on tda.jobs (finished_at) where callback_url is not null and callback_queued_at is null and finished_at is not null",
    "create index jobs_finished on tda.jobs (finished_at) where finished_at is not null",

    // What a job computes from, in parts: no statement and no value becomes too large.
    `create table tda.job_inputs (
      project_id text not null,
      job_id text not null,
      part int not null,
      body bytea not null,
      primary key (project_id, job_id, part)
    ) partition by hash (project_id)`,
    "alter table tda.job_inputs alter column body set storage external",
    ...partitioned("job_inputs"),

    `create table tda.job_results (
      project_id text not null,
      job_id text not null,
      attempt int not null,
      part int not null,
      body bytea not null,
      created_at timestamptz not null default now(),
      primary key (project_id, job_id, attempt, part)
    ) partition by hash (project_id)`,
    ...partitioned("job_results"),
    "create index job_results_by_time on tda.job_results using brin (created_at)",

    // Events of what changes, written with the change. A relay takes them lane by lane and marks each; readers of one
    // aggregate follow its versions, which are assigned under its row lock.
    `create table tda.outbox (
      project_id text not null,
      topic text not null,
      aggregate_id text not null,
      version int not null,
      lane smallint not null,
      type text not null,
      payload json not null,
      created_at timestamptz not null default now(),
      published_at timestamptz,
      primary key (project_id, aggregate_id, version)
    ) partition by hash (project_id)`,
    ...partitioned("outbox"),
    "create index outbox_to_relay on tda.outbox (lane, created_at) where published_at is null",
    "create index outbox_by_time on tda.outbox using brin (created_at)",

    ...isolateProjects("jobs"),
    ...isolateProjects("job_inputs"),
    ...isolateProjects("job_results"),
    ...isolateProjects("outbox"),
  ],
};
