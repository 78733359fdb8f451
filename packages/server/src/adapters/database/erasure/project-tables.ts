import type pg from "pg";
import { type OrderedTable, REFERS_TO, referringFirst } from "../table-order.ts";

/** Rows of these are found by their `project_id`; objects in the blob store are known by theirs, so that they go last. */
export const BLOB_TABLE = "blobs";

/**
 * Every table with rows of projects, referring ones before those that they refer to, from the catalogue: a new table is erased
 * without being named anywhere.
 */
export async function projectTables(client: pg.ClientBase | pg.Pool): Promise<readonly string[]> {
  const { rows } = await client.query<OrderedTable>(
    `select c.relname as name, c.oid::text as oid, ${REFERS_TO} as refers_to
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'tda' and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped)
     order by c.relname`,
  );
  return referringFirst(rows).map(({ name }) => name);
}

/** Lets a role delete rows of projects, in every table that has some. Call it as the owner, after the migrations. */
export async function grantErasure(client: pg.Client, role: string): Promise<void> {
  for (const table of [...(await projectTables(client)), "projects"]) {
    const { rows } = await client.query<{ missing: boolean }>(
      `select not (has_table_privilege($1, 'tda.' || quote_ident($2), 'SELECT') and has_table_privilege($1, 'tda.' || quote_ident($2), 'DELETE')) as missing`,
      [role, table],
    );
    if (rows[0]?.missing === true) await client.query(`grant select, delete on tda.${table} to ${role}`);
  }
}
