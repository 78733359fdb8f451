export interface OrderedTable {
  readonly name: string;
  readonly oid: string;
  /** Object identifiers of the tables that its foreign keys name, itself left out. */
  readonly refers_to: readonly string[];
}

/** SQL of the tables (of `pg_class c`) that the foreign keys of a table name. */
export const REFERS_TO = `array(select distinct f.confrelid::text from pg_constraint f
  where f.contype = 'f' and f.conrelid = c.oid and f.confrelid <> c.oid)`;

/** Referring tables before those that they refer to; a circle (which we do not have) is taken as it comes. */
export function referringFirst<Table extends OrderedTable>(tables: readonly Table[]): readonly Table[] {
  const ordered: Table[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const free = left.filter(({ oid }) => !left.some(({ refers_to }) => refers_to.includes(oid)));
    const next = free.length === 0 ? left : free;
    ordered.push(...next);
    left = left.filter((table) => !next.includes(table));
  }
  return ordered;
}
