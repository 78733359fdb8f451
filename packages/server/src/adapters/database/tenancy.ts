/**
 * Row-level security as statements of a migration. Three kinds of role reach a table: the application's, which sees the rows
 * of the project set for its transaction (`inProject`) and none without one; `tda_system`, in which leases, retention and
 * relays work across projects; and the role that owns the tables, for migrations. All are subject to policies (forced), and
 * the start refuses a role that could step around them.
 */

/** The role of what works across projects. */
export const SYSTEM_ROLE = "tda_system";

export const CURRENT_PROJECT = `create function tda.current_project() returns text language sql stable parallel safe
  set search_path = '' return nullif(pg_catalog.current_setting('tda.project_id', true), '')`;

/** Statements that isolate a table's projects from each other. Call it for every table with rows of projects. */
export function isolateProjects(table: string, projectColumn = "project_id"): readonly string[] {
  return [
    `alter table tda.${table} enable row level security`,
    `alter table tda.${table} force row level security`,
    `create policy by_project on tda.${table} using (${projectColumn} = (select tda.current_project())) with check (${projectColumn} = (select tda.current_project()))`,
    // The comparison as well: where roles inherit, membership alone would apply the policy.
    `create policy by_system on tda.${table} to ${SYSTEM_ROLE} using (current_user = '${SYSTEM_ROLE}') with check (current_user = '${SYSTEM_ROLE}')`,
    `create policy by_owner on tda.${table} to current_user using (true) with check (true)`,
  ];
}
