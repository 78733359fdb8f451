import { isolateProjects } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

export const webhooksErasures: Migration = {
  version: 7,
  name: "webhooks, erasures",
  statements: [
    `create table tda.webhook_secrets (
      project_id text not null,
      id text not null,
      sealed bytea not null,
      master_key_id text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      primary key (project_id, id)
    )`,
    "create unique index webhook_secrets_one_present on tda.webhook_secrets (project_id) where expires_at is null",

    `create table tda.webhook_deliveries (
      project_id text not null,
      id text not null,
      job_id text not null,
      type text not null,
      url text not null,
      host text not null,
      body text not null,
      status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
      attempt int not null default 0,
      failures int not null default 0,
      next_attempt_at timestamptz not null default now(),
      response_status int,
      error text,
      created_at timestamptz not null default now(),
      last_attempt_at timestamptz,
      delivered_at timestamptz,
      ended_at timestamptz,
      primary key (project_id, id),
      check ((status = 'pending') = (ended_at is null))
    ) with (fillfactor = 80)`,
    "create index webhook_deliveries_due on tda.webhook_deliveries (next_attempt_at) where status = 'pending'",
    "create index webhook_deliveries_by_job on tda.webhook_deliveries (project_id, job_id)",
    "create index webhook_deliveries_ended on tda.webhook_deliveries (ended_at) where ended_at is not null",

    // Of the installation, not of the project: the record outlives it. So its column has another name than those by which
    // the tables with rows of a project are found.
    `create table tda.erasures (
      id text primary key,
      erased_project_id text not null unique,
      state text not null default 'marked' check (state in ('marked', 'closed', 'drained', 'rows_deleted', 'blobs_deleted', 'erased')),
      requested_by text not null,
      requested_at timestamptz not null default now(),
      state_since timestamptz not null default now(),
      next_attempt_at timestamptz not null default now(),
      attempt int not null default 0,
      rows_deleted bigint not null default 0,
      blobs_deleted bigint not null default 0,
      error text,
      finished_at timestamptz,
      swept_at timestamptz,
      check ((state = 'erased') = (finished_at is not null))
    )`,
    "create index erasures_due on tda.erasures (next_attempt_at) where swept_at is null",

    // The audit log stays append-only, but for what an erasure takes away.
    `create or replace function tda.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
     begin
       if tg_op = 'DELETE' and tg_level = 'ROW' then
         if exists (select from tda.erasures e where e.erased_project_id = old.project_id)
           and not exists (select from tda.projects p where p.id = old.project_id and p.is_default) then
           return old;
         end if;
       end if;
       raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
     end $$`,

    ...isolateProjects("webhook_secrets"),
    ...isolateProjects("webhook_deliveries"),
    ...isolateProjects("erasures", "erased_project_id"),
  ],
};
