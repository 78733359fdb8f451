import pg from "pg";
import { StartError } from "../../internal/start-error.ts";
import type { Grant } from "./grants.ts";

/** The role that connections of one and the same login take when the login owns the tables. */
export const SHARED_ROLE = "tda_app";
const insufficientPrivilege = "42501";

/**
 * Makes a role without login where there is none, and lets the member take it (`set role`) without having its rights
 * otherwise. Call it as the owner. @throws StartError with the statements to run when the owner may not make roles.
 */
export async function ensureRole(client: pg.Client, role: string, member: string): Promise<void> {
  const able = async (): Promise<boolean> => {
    // From PostgreSQL 16 on, who creates a role may administer it, and may take it only when granted.
    const { rows } = await client.query<{ able: boolean }>(
      `select coalesce(pg_has_role($2::name, oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end), false) as able
       from pg_roles where rolname = $1`,
      [role, member],
    );
    return rows[0]?.able === true;
  };
  if (await able()) return;
  const name = pg.escapeIdentifier(member);
  try {
    const { rowCount } = await client.query("select from pg_roles where rolname = $1", [role]);
    if (rowCount === 0) await createRole(client, role);
    if (!(await able())) await client.query(`grant ${role} to ${name}${await withoutInheritance(client)}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
    throw new StartError(
      `The database login may not make the role ${role}: run as an administrator \`create role ${role} nologin\` and \`grant ${role} to ${name}\`, then start again.`,
      { cause: error },
    );
  }
}

async function withoutInheritance(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  return rows[0]!.version >= 160_000 ? " with inherit false, set true" : "";
}

/** Roles are the whole server's: another database's start may make it at the same time. */
async function createRole(client: pg.Client, role: string): Promise<void> {
  try {
    await client.query(`create role ${role} nologin`);
  } catch (error) {
    const isThereNow = error instanceof pg.DatabaseError && (error.code === "42710" || error.code === "23505");
    if (!isThereNow) throw error;
  }
}

/** Gives a role what it needs and lacks. Call it as the owner, after the migrations. */
export async function grantTo(client: pg.Client, role: string, grants: readonly Grant[]): Promise<void> {
  const { rows } = await client.query<{ missing: boolean }>(
    `select not has_schema_privilege($1, 'tda', 'USAGE') or bool_or(not
       case when given is null then has_table_privilege($1, 'tda.' || name, privilege)
       else has_column_privilege($1, 'tda.' || name, given, privilege) end) as missing
     from unnest($2::text[], $3::text[], $4::text[]) as wanted (name, privilege, given)`,
    [
      role,
      grants.map(({ table }) => table),
      grants.map(({ privilege }) => privilege),
      grants.map(({ column }) => column ?? null),
    ],
  );
  if (rows[0]?.missing !== true) return;
  const name = pg.escapeIdentifier(role);
  await client.query(`grant usage on schema tda to ${name}`);
  for (const { table, privilege, column } of grants) {
    await client.query(`grant ${privilege}${column === undefined ? "" : ` (${column})`} on tda.${table} to ${name}`);
  }
}

/** @throws StartError when the role of the connections could step around the database's rules. */
export async function refusePrivilegedRole(client: pg.ClientBase | pg.Pool): Promise<void> {
  const { rows } = await client.query<{ name: string; privileged: boolean; owner: boolean }>(
    `select rolname as name, rolsuper or rolbypassrls as privileged,
       exists (select from pg_class where relnamespace = 'tda'::regnamespace and pg_has_role(current_user, relowner, 'MEMBER')) as owner
     from pg_roles where rolname = current_user`,
  );
  const role = rows[0];
  if (role === undefined || !(role.privileged || role.owner)) return;
  const what = role.privileged ? "is a superuser or bypasses row security" : "owns tables of the application";
  throw new StartError(
    `DATABASE_URL's role ${role.name} ${what}: give DATABASE_URL a role without privileges, and TDA_DATABASE_OWNER_URL the owner.`,
  );
}
