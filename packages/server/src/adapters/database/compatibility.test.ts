import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../internal/ids.ts";
import { newApiKey } from "./api-key.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/all.ts";
import type { Database } from "./open-database.ts";
import { setProject, transaction } from "./project-transaction.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "./testing/embedded-database.ts";
import { computation, open, silent } from "./testing/records.ts";
import { type KnownRows, STATEMENTS_OF_SCHEMA_2 } from "./testing/statements-of-schema-2.ts";

/** A database with the data of schema version 1, which the present code then opens. */

let subject: EmbeddedDatabase;
let owner: pg.Client;
let database: Database;
const apiKey = newApiKey();
const known: KnownRows = {
  projectId: newId("prj"),
  keyId: newId("key"),
  keySha256: createHash("sha256").update(apiKey).digest(),
};
const old = computation(known.projectId, { finishedAt: new Date() });

beforeAll(async () => {
  subject = await startEmbeddedDatabase(16);
  owner = new pg.Client(subject.embedded.address("owner"));
  await owner.connect();
  expect(await migrate(owner, silent, migrations.slice(0, 1))).toBe(1);
  await owner.query("insert into tda.projects (id, name, is_default, cache_key) values ($1, 'default', true, $2)", [
    known.projectId,
    randomBytes(32),
  ]);
  await owner.query(
    "insert into tda.api_keys (id, project_id, name, prefix, secret_sha256, role) values ($1, $2, 'ours', $3, $4, 'analyst')",
    [known.keyId, known.projectId, apiKey.slice(4, 12), known.keySha256],
  );
  await owner.query(
    `insert into tda.computations (id, project_id, principal_id, request_id, algorithm, status, input_sha256, parameters, engine, engine_version, started_at, finished_at)
     values ($1, $2, $3, 'req', 'vietoris-rips', 'succeeded', $4, '{}', 'native', '0.1.0', now(), now())`,
    [old.id, known.projectId, known.keyId, randomBytes(32)],
  );
  database = await open(subject.access, subject.keysDir);
});
afterAll(async () => {
  await database.close();
  await owner.end();
  await subject.end();
});

test("the data of the first schema is there after all migrations, and in use", async () => {
  expect(database.schemaVersion).toBe(migrations.at(-1)?.version);
  expect(database.defaultProjectId).toBe(known.projectId);
  const principal = await database.apiKeys.authenticate(apiKey);
  expect(principal).toMatchObject({ id: known.keyId, projectId: known.projectId, role: "analyst" });
  expect((await database.projectSecrets.cacheKey(known.projectId)).length).toBe(32);
  const { rows } = await owner.query("select id from tda.computations where project_id = $1", [known.projectId]);
  expect(rows).toContainEqual({ id: old.id });
});

test.each(STATEMENTS_OF_SCHEMA_2)(
  "a server of schema version 2 still works beside this one: $name",
  async (statement) => {
    const role = statement.as === "system" ? "tda_system" : null;
    const pool = subject.connection(role);
    try {
      const { rowCount } = await transaction(pool, async (client) => {
        if (statement.as === "application") await setProject(client, known.projectId);
        return await client.query(statement.text, statement.values(known));
      });
      expect(rowCount).toBeGreaterThanOrEqual(statement.rows);
    } finally {
      await pool.end();
    }
  },
);

test("migrations only add: no released table or column is dropped, renamed or made stricter", () => {
  // A server of the previous release would fail on each of these while it still runs.
  const destructive = /\bdrop (?:table|column)\b|\brename (?:to|column)\b|\balter column \w+ (?:type|set not null)\b/i;
  const found = migrations.flatMap(({ version, statements }) =>
    statements
      .filter((text) => !text.startsWith("create function") && destructive.test(text))
      .map((text) => `${version}: ${text.slice(0, 80)}`),
  );
  expect(found).toEqual([]);
});
