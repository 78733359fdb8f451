import { isolateProjects, SYSTEM_ROLE } from "../tenancy.ts";
import type { Migration } from "./migration.ts";

const role = "check (role in ('viewer', 'analyst', 'operator', 'admin'))";
const sha256 = (column: string) => `${column} bytea not null check (octet_length(${column}) = 32)`;

/** Partitions of months: those of this and the next two are made, those past the retention are dropped. Returns how many. */
const maintainAuditLog = `create function tda.maintain_audit_log(retention_days int) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  month timestamptz;
  part text;
  dropped int := 0;
begin
  perform pg_advisory_xact_lock(7628897, 3);
  for ahead in 0..2 loop
    month := date_trunc('month', now(), 'UTC') + make_interval(months => ahead);
    part := 'audit_log_' || to_char(month at time zone 'UTC', 'YYYYMM');
    if to_regclass('tda.' || part) is null then
      execute format('create table tda.%I partition of tda.audit_log for values from (%L) to (%L)',
        part, month, (month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
    end if;
  end loop;
  for part, month in
    select c.relname, to_date(right(c.relname, 6), 'YYYYMM')::timestamp at time zone 'UTC'
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'tda.audit_log'::regclass and c.relname ~ '^audit_log_[0-9]{6}$'
  loop
    if month + interval '1 month' < now() - make_interval(days => greatest(retention_days, 30)) then
      execute format('drop table tda.%I', part);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end $$`;

export const identity: Migration = {
  version: 3,
  name: "users, sessions, tickets, signing keys, audit log",
  statements: [
    "alter table tda.api_keys add column scopes text[], add column created_by text",
    // project_id: the project that made the account; its administrators may change it.
    `create table tda.users (
      id text primary key,
      project_id text not null references tda.projects on delete cascade,
      username text not null unique,
      display_name text,
      password_hash text,
      created_at timestamptz not null default now(),
      password_changed_at timestamptz,
      disabled_at timestamptz
    )`,
    `create table tda.memberships (
      project_id text not null references tda.projects on delete cascade,
      user_id text not null references tda.users on delete cascade,
      role text not null ${role},
      created_at timestamptz not null default now(),
      primary key (project_id, user_id)
    )`,
    "create index memberships_by_user on tda.memberships (user_id)",
    `create table tda.sessions (
      id text primary key,
      project_id text not null references tda.projects on delete cascade,
      user_id text not null references tda.users on delete cascade,
      ${sha256("family_sha256")} unique,
      ${sha256("secret_sha256")},
      address text,
      created_at timestamptz not null default now(),
      refreshed_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ended_at timestamptz,
      ended_because text
    )`,
    "create index sessions_by_user on tda.sessions (user_id)",
    "create index sessions_by_expiry on tda.sessions (expires_at)",
    `create table tda.tickets (
      ${sha256("secret_sha256")} primary key,
      project_id text not null references tda.projects on delete cascade,
      path text not null,
      principal jsonb not null,
      expires_at timestamptz not null
    )`,
    "create index tickets_by_expiry on tda.tickets (expires_at)",
    // Counts of a quarter of an hour: losing them in a crash is no loss.
    `create unlogged table tda.login_attempts (
      bucket bytea primary key,
      attempts int not null,
      since timestamptz not null
    )`,
    `create table tda.signing_keys (
      kid text primary key,
      public_jwk jsonb not null,
      created_at timestamptz not null default now(),
      used_until timestamptz not null
    )`,
    // No foreign key to projects: what was done in a project outlives it.
    `create table tda.audit_log (
      id text not null,
      project_id text not null,
      occurred_at timestamptz not null,
      actor_kind text not null check (actor_kind in ('api_key', 'user', 'client', 'local', 'anonymous')),
      actor_id text,
      credential_id text,
      operation text not null,
      target text,
      outcome text not null check (outcome in ('succeeded', 'refused', 'failed')),
      status int not null,
      address text,
      request_id text not null,
      count int not null default 1,
      primary key (project_id, id, occurred_at)
    ) partition by range (occurred_at)`,
    // Nothing that happened is refused for want of a partition.
    "create table tda.audit_log_rest partition of tda.audit_log default",
    `create function tda.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
     begin raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege'; end $$`,
    "create trigger append_only before update or delete on tda.audit_log for each row execute function tda.refuse_change()",
    "create trigger never_emptied before truncate on tda.audit_log for each statement execute function tda.refuse_change()",
    maintainAuditLog,
    "revoke all on function tda.maintain_audit_log(int) from public",
    `grant execute on function tda.maintain_audit_log(int) to ${SYSTEM_ROLE}`,
    "select tda.maintain_audit_log(36500)",
    ...["users", "memberships", "sessions", "tickets", "audit_log"].flatMap((table) => isolateProjects(table)),
    // Members are seen wherever they are members; changed only where they were made.
    `create policy by_membership on tda.users for select using (exists (
       select from tda.memberships m where m.user_id = users.id and m.project_id = (select tda.current_project())))`,
  ],
};
