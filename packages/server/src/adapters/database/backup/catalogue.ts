import type pg from "pg";
import { StartError } from "../../../internal/start-error.ts";
import type { Partition, Sequence } from "../../backup/manifest.ts";
import { type OrderedTable, REFERS_TO, referringFirst } from "../table-order.ts";

export interface TableShape extends OrderedTable {
  /** Without those that PostgreSQL computes itself. */
  readonly columns: readonly string[];
}

/**
 * The tables of the schema in an order in which they can be loaded: those that others refer to first. Partitions go with their
 * table; unlogged tables hold nothing that outlives a crash; the history of the schema is the manifest's version.
 */
export async function loadableTables(client: pg.ClientBase): Promise<readonly TableShape[]> {
  const { rows } = await client.query<TableShape>(
    `select c.relname as name, c.oid::text as oid, ${REFERS_TO} as refers_to, array(
       select a.attname::text from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'tda' and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and c.relname <> 'schema_history'
     order by c.relname`,
  );
  return [...referringFirst(rows)].reverse();
}

export async function partitions(client: pg.ClientBase): Promise<readonly Partition[]> {
  const { rows } = await client.query<Partition>(
    `select c.relname as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
       join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'tda' and c.relispartition and c.relkind = 'r' order by c.oid`,
  );
  return rows;
}

export async function sequences(client: pg.ClientBase): Promise<readonly Sequence[]> {
  const { rows } = await client.query<Sequence>(
    "select sequencename as name, last_value::text as value from pg_sequences where schemaname = 'tda' and last_value is not null",
  );
  return rows;
}

/**
 * Row-level security is forced and shows everything to the owner alone: another role would back up less, and not know it.
 * @throws StartError
 */
export async function requireOwner(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ foreign_tables: number }>(
    `select count(*)::int as foreign_tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'tda' and c.relkind in ('r', 'p') and c.relowner <> (select oid from pg_roles where rolname = current_user)`,
  );
  if (rows[0]?.foreign_tables === 0) return;
  throw new StartError(
    "The database login does not own the tables: give TDA_DATABASE_OWNER_URL the role that runs the migrations.",
  );
}
