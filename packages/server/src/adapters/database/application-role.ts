import pg from "pg";
import type { Logger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";

interface Grant {
  readonly table: string;
  readonly privilege: "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  /** Only this column. */
  readonly column?: string;
}

/** What the application may do. Nothing on partitions: rows go through their table. */
const grants: readonly Grant[] = [
  { table: "tda.projects", privilege: "SELECT" },
  { table: "tda.api_keys", privilege: "SELECT" },
  { table: "tda.api_keys", privilege: "UPDATE", column: "last_used_at" },
  { table: "tda.computations", privilege: "SELECT" },
  { table: "tda.computations", privilege: "INSERT" },
  { table: "tda.computations", privilege: "DELETE" },
];

/** The role that connections of one and the same login take when the login owns the tables. */
const sharedRole = "tda_app";
const insufficientPrivilege = "42501";

/**
 * The role for an external database that is given by one URL: its login runs the migrations, and the server's
 * connections then take the role `tda_app`, which owns nothing. null when the login may not make that role.
 */
export async function ensureSharedRole(client: pg.Client, logger: Logger): Promise<string | null> {
  try {
    const { rowCount } = await client.query("select from pg_roles where rolname = $1", [sharedRole]);
    if (rowCount === 0) await createSharedRole(client);
    // From PostgreSQL 16 on, who creates a role may administer it, and may take it only when granted.
    const { rows } = await client.query<{ able: boolean }>(
      `select pg_has_role(current_user, $1, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) as able`,
      [sharedRole],
    );
    if (rows[0]?.able !== true) await client.query(`grant ${sharedRole} to current_user`);
    return sharedRole;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
    logger.warn(
      "the database login owns the tables and may not create the role tda_app: set TDA_DATABASE_OWNER_URL to separate the owner from the application",
    );
    return null;
  }
}

/** Roles are the whole server's: another database's start may make it at the same time. */
async function createSharedRole(client: pg.Client): Promise<void> {
  try {
    await client.query(`create role ${sharedRole} nologin`);
  } catch (error) {
    const isThereNow = error instanceof pg.DatabaseError && (error.code === "42710" || error.code === "23505");
    if (!isThereNow) throw error;
  }
}

/** Gives the application's role what it needs and lacks. Call it as the owner, after the migrations. */
export async function grantToApplication(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ missing: boolean }>(
    `select not has_schema_privilege($1, 'tda', 'USAGE') or bool_or(not
       case when given is null then has_table_privilege($1, name, privilege)
       else has_column_privilege($1, name, given, privilege) end) as missing
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
    await client.query(`grant ${privilege}${column === undefined ? "" : ` (${column})`} on ${table} to ${name}`);
  }
}

/** @throws StartError when the application's role could step around the database's rules. */
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
