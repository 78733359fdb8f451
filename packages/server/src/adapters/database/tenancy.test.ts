import { randomBytes } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../internal/ids.ts";
import type { Database } from "./open-database.ts";
import { inProject, transaction } from "./project-transaction.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "./testing/embedded-database.ts";
import { computation, open } from "./testing/records.ts";

let subject: EmbeddedDatabase;
let database: Database;
/** One connection, so that whatever a transaction left behind would be met by the next. */
let pool: pg.Pool;
const other = newId("prj");

beforeAll(async () => {
  subject = await startEmbeddedDatabase();
  database = await open(subject.access, subject.keysDir);
  await subject.admin.query("insert into tda.projects (id, name, cache_key) values ($1, 'other', $2)", [
    other,
    randomBytes(32),
  ]);
  for (const projectId of [database.defaultProjectId, other]) {
    await database.computations.record(computation(projectId));
    await database.computations.record(computation(projectId));
  }
  pool = subject.connection(null);
});
afterAll(async () => {
  await pool.end();
  await database.close();
  await subject.end();
});

/** Every table with rows of projects, from the catalogue: a new one is held to the same without being named here. */
async function projectTables(): Promise<readonly string[]> {
  const { rows } = await subject.admin.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'tda'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped)`,
  );
  return rows.map(({ name }) => name);
}

const rowsOf = (projectId: string) =>
  inProject(pool, projectId, (client) => client.query("select distinct project_id from tda.computations"));

test("every table with rows of projects has row-level security, forced", async () => {
  const { rows } = await subject.admin.query(
    "select relname from pg_class where relnamespace = 'tda'::regnamespace and relname = any ($1) and not (relrowsecurity and relforcerowsecurity)",
    [[...(await projectTables()), "projects"]],
  );
  expect(rows).toEqual([]);
  expect((await projectTables()).length).toBeGreaterThan(1);
});

test("a transaction sees the rows of its project only, also on a connection that served another", async () => {
  for (const projectId of [database.defaultProjectId, other, database.defaultProjectId]) {
    expect((await rowsOf(projectId)).rows).toEqual([{ project_id: projectId }]);
  }
});

test("without a project there are no rows, in any table", async () => {
  await rowsOf(other);
  const readable = await subject.admin.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'tda'::regnamespace and relkind in ('r', 'p') and has_table_privilege('tda_app', oid, 'SELECT')",
  );
  for (const { name } of readable.rows.filter(({ name }) => name !== "schema_history")) {
    expect((await pool.query(`select from tda.${name}`)).rowCount, name).toBe(0);
  }
});

test("a project that fails is forgotten too", async () => {
  await expect(inProject(pool, other, (client) => client.query("select 1 / 0"))).rejects.toThrow();
  expect((await pool.query("select from tda.computations")).rowCount).toBe(0);
});

test("rows of another project can neither be written nor moved", async () => {
  const text = "insert into tda.computations select * from jsonb_populate_record(null::tda.computations, $1)";
  const { rows } = await subject.admin.query("select to_jsonb(c) as row from tda.computations c limit 1");
  const foreign = { ...rows[0].row, id: newId("cmp"), project_id: other };
  const writing = inProject(pool, database.defaultProjectId, (client) => client.query(text, [foreign]));
  await expect(writing).rejects.toMatchObject({ code: "42501" });
});

test("the application does not have the system's sight unless it takes its role", async () => {
  await transaction(pool, async (client) => {
    expect((await client.query("select from tda.computations")).rowCount).toBe(0);
    await client.query("set local role tda_system");
    expect((await client.query("select from tda.computations")).rowCount).toBe(4);
  });
  expect((await pool.query("select from tda.computations")).rowCount).toBe(0);
});
