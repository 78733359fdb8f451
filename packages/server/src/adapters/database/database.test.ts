import { chmodSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { StartError } from "../../internal/start-error.ts";
import { newApiKey } from "./api-key.ts";
import { deleteOldComputations } from "./computation-retention.ts";
import { createPool } from "./connection-pool.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/all.ts";
import type { Database, DatabaseAccess } from "./open-database.ts";
import { startEmbeddedDatabase } from "./testing/embedded-database.ts";
import { startExternalPostgres } from "./testing/external-postgres.ts";
import { computation, open, silent } from "./testing/records.ts";
import { type TemporaryDir, temporaryDir } from "./testing/temporary-dir.ts";

/** One suite for both adapters of the port: the embedded server, and one that DATABASE_URL names. */
interface Subject {
  readonly access: DatabaseAccess;
  /** A connection that may see and change everything. */
  readonly admin: pg.Client;
  end(): Promise<void>;
}

async function externalSubject(): Promise<Subject> {
  const server = await startExternalPostgres();
  const admin = new pg.Client({ connectionString: server.url() });
  await admin.connect();
  return {
    access: { kind: "external", application: { connectionString: server.url() }, owner: null },
    admin,
    async end() {
      await admin.end();
      await server.stop();
    },
  };
}

describe.each([
  ["embedded", () => startEmbeddedDatabase(40)],
  ["external", externalSubject],
] as const)("%s", (kind, start) => {
  let subject: Subject;
  let dir: TemporaryDir;
  let keysDir: string;
  let database: Database;
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(() => subject.end());
  beforeEach(async () => {
    dir = await temporaryDir();
    keysDir = join(dir.path, "keys");
    database = await open(subject.access, keysDir);
  });
  afterEach(async () => {
    await database.close();
    await subject.admin.query("drop schema tda cascade");
    await dir.remove();
  });

  const count = async (table: string) =>
    Number((await subject.admin.query(`select count(*) as rows from tda.${table}`)).rows[0].rows);

  test("a start migrates, makes project and key once, and a repetition changes nothing", async () => {
    expect(database.schemaVersion).toBe(migrations.at(-1)?.version);
    expect(database.localKey.state).toBe("made");
    const again = await open(subject.access, keysDir);
    expect(again.localKey).toMatchObject({ state: "kept", apiKey: null });
    expect(again.defaultProjectId).toBe(database.defaultProjectId);
    await again.close();
    expect([await count("projects"), await count("api_keys"), await count("schema_history")]).toEqual([
      1,
      1,
      migrations.length,
    ]);
  });

  test("the application's role owns nothing, and may do what it needs and no more", async () => {
    const { rows } = await subject.admin.query(
      "select relname from pg_class where relnamespace = 'tda'::regnamespace and pg_has_role('tda_app', relowner, 'MEMBER')",
    );
    expect(rows).toEqual([]);
    await subject.admin.query("set role tda_app");
    const refused = [
      "insert into tda.api_keys (id) values ('x')",
      "delete from tda.projects",
      "update tda.api_keys set role = 'admin'",
      "select * from tda.computations_0",
      "drop table tda.computations",
      "create table tda.mine (id int)",
      "select * from tda.schema_history",
    ];
    for (const statement of refused) {
      await expect(subject.admin.query(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
    await subject.admin.query("reset role");
  });

  test("a recorded computation is there, whole", async () => {
    const record = computation(database.defaultProjectId, {
      status: "failed",
      errorCode: "cancelled",
      statistics: null,
    });
    await database.computations.record(record);
    const { rows } = await subject.admin.query("select * from tda.computations");
    expect(rows).toEqual([
      {
        id: record.id,
        project_id: record.projectId,
        principal_id: "local",
        request_id: "req",
        algorithm: "vietoris-rips",
        status: "failed",
        error_code: "cancelled",
        input_sha256: Buffer.from(record.inputSha256, "hex"),
        parameters: { max_dimension: 1 },
        statistics: null,
        engine: "native",
        engine_version: "0.1.0",
        started_at: record.startedAt,
        finished_at: record.finishedAt,
      },
    ]);
  });

  test("records that come together share a commit", async () => {
    const before = await commits();
    const records = Array.from({ length: 1_000 }, () => computation(database.defaultProjectId));
    await Promise.all(records.map((record) => database.computations.record(record)));
    expect(await count("computations")).toBe(records.length);
    expect((await commits()) - before).toBeLessThan(20);
  });

  /** Distinct transactions that wrote computations. */
  async function commits(): Promise<number> {
    const { rows } = await subject.admin.query("select count(distinct xmin::text) as n from tda.computations");
    return Number(rows[0].n);
  }

  test("a record that the database refuses fails alone", async () => {
    const good = () => computation(database.defaultProjectId);
    const bad = { ...good(), requestId: "a\u0000b" };
    const results = await Promise.allSettled(
      [good(), bad, good()].map((record) => database.computations.record(record)),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await count("computations")).toBe(2);
  });

  test("more waiting records than the queue holds are refused as unavailable", async () => {
    const records = Array.from({ length: 9_000 }, () => computation(database.defaultProjectId));
    const results = await Promise.allSettled(records.map((record) => database.computations.record(record)));
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(DependencyUnavailable);
    expect(await count("computations")).toBe(records.length - refused.length);
  });

  test("close waits for what is being recorded", async () => {
    const recorded = database.computations.record(computation(database.defaultProjectId));
    await database.close();
    await recorded;
    expect(await count("computations")).toBe(1);
  });

  test("old computations are deleted, others are kept", async () => {
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    for (const finishedAt of [daysAgo(31), daysAgo(40), daysAgo(29)]) {
      await database.computations.record(computation(database.defaultProjectId, { finishedAt }));
    }
    const pool = createPool({
      connection: subject.access.application,
      size: 1,
      statementTimeoutMs: 5_000,
      role: "tda_system",
      logger: silent,
    });
    expect(await deleteOldComputations(pool, 30)).toBe(2);
    await pool.end();
    expect(await count("computations")).toBe(1);
  });

  test("the local key is accepted, stored as a hash, and its file is closed to others", async () => {
    const { apiKey, keyFile } = database.localKey;
    expect(readFileSync(keyFile, "utf8").trim()).toBe(apiKey);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const principal = await database.apiKeys.authenticate(apiKey!);
    expect(principal).toMatchObject({ kind: "api_key", projectId: database.defaultProjectId, role: "admin" });
    const { rows } = await subject.admin.query("select * from tda.api_keys");
    expect(JSON.stringify(rows)).not.toContain(apiKey!.slice(-43));
  });

  test.each(["", "tda_", "x", `tda_12345678_${"a".repeat(42)}`, newApiKey(), `${newApiKey()}x`])(
    "the key %j is nobody's",
    async (key) => {
      expect(await database.apiKeys.authenticate(key)).toBeNull();
    },
  );

  test("a revoked or expired key is refused by a server that has not seen it before", async () => {
    const apiKey = database.localKey.apiKey!;
    for (const change of ["expires_at = now() - interval '1 s'", "expires_at = null, revoked_at = now()"]) {
      await subject.admin.query(`update tda.api_keys set ${change}`);
      const other = await open(subject.access, keysDir);
      expect(await other.apiKeys.authenticate(apiKey), change).toBeNull();
      await other.close();
    }
  });

  test("the time of use is written, at the latest on closing", async () => {
    await database.apiKeys.authenticate(database.localKey.apiKey!);
    await database.close();
    const { rows } = await subject.admin.query("select last_used_at from tda.api_keys");
    expect(rows[0].last_used_at).toBeInstanceOf(Date);
  });

  test("a lost key file is told, and a renewal makes another and revokes the old", async () => {
    const old = database.localKey.apiKey!;
    rmSync(database.localKey.keyFile);
    const second = await open(subject.access, keysDir);
    expect(second.localKey).toMatchObject({ state: "missing", apiKey: null, isFirstInUse: true });
    await second.close();
    const third = await open(subject.access, keysDir, { renewLocalKey: true });
    expect(third.localKey).toMatchObject({ state: "made", isFirstInUse: false });
    expect(await third.apiKeys.authenticate(third.localKey.apiKey!)).not.toBeNull();
    expect(await third.apiKeys.authenticate(old)).toBeNull();
    await third.close();
  });

  test("a key file of the same folder is let into another database instead of replaced", async () => {
    const apiKey = database.localKey.apiKey!;
    await subject.admin.query("delete from tda.api_keys");
    const next = await open(subject.access, keysDir);
    expect(next.localKey.state).toBe("kept");
    expect(await next.apiKeys.authenticate(apiKey)).not.toBeNull();
    await next.close();
  });

  test("a project's secret is 32 bytes and does not change", async () => {
    const secret = await database.projectSecrets.cacheKey(database.defaultProjectId);
    expect(secret).toHaveLength(32);
    const other = await open(subject.access, keysDir);
    expect(await other.projectSecrets.cacheKey(database.defaultProjectId)).toEqual(secret);
    await other.close();
  });

  test("servers that start together wait for each other and agree", async () => {
    await subject.admin.query("drop schema tda cascade");
    rmSync(keysDir, { recursive: true });
    const opened = await Promise.all(
      Array.from({ length: 4 }, (_, i) => open(subject.access, join(dir.path, `keys-${i}`))),
    );
    expect(new Set(opened.map(({ defaultProjectId }) => defaultProjectId)).size).toBe(1);
    expect(opened.filter(({ localKey }) => localKey.state === "made")).toHaveLength(1);
    expect(await count("schema_history")).toBe(migrations.length);
    await Promise.all(opened.map((each) => each.close()));
  });

  test("a migration that fails leaves nothing behind, and the next start begins there again", async () => {
    const known = migrations.at(-1)!.version;
    const broken = {
      version: known + 1,
      name: "broken",
      statements: ["create table tda.half (id int)", "select nonsense"],
    };
    await expect(migrate(subject.admin, silent, [...migrations, broken])).rejects.toMatchObject({ code: "42703" });
    expect((await subject.admin.query("select to_regclass('tda.half') as half")).rows[0].half).toBeNull();
    expect(await migrate(subject.admin, silent, [...migrations, { ...broken, statements: ["select 1"] }])).toBe(
      known + 1,
    );
  });

  test("a schema of a newer release is refused", async () => {
    await subject.admin.query("insert into tda.schema_history (version, name) values (999, 'future')");
    await expect(open(subject.access, keysDir)).rejects.toThrow(StartError);
  });

  test("the probe tells that the database is up", async () => {
    expect(await database.probe.check()).toMatchObject({ status: "up", kind, latencyMs: expect.any(Number) });
  });

  test("connections that are cut are replaced, and the requests in between are told to come again", async () => {
    await database.computations.record(computation(database.defaultProjectId));
    await subject.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tda-server' and datname = current_database()",
    );
    const results = await Promise.allSettled(
      Array.from({ length: 3 }, () => database.computations.record(computation(database.defaultProjectId))),
    );
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(DependencyUnavailable);
    }
    await expect
      .poll(() =>
        database.computations.record(computation(database.defaultProjectId)).then(
          () => "recorded",
          () => "refused",
        ),
      )
      .toBe("recorded");
  });

  test("a statement past its time is unavailability, not a defect", async () => {
    const hurried = await open(subject.access, keysDir, { statementTimeoutMs: 100 });
    await subject.admin.query("begin; lock table tda.computations in access exclusive mode");
    await expect(hurried.computations.record(computation(database.defaultProjectId))).rejects.toThrow(
      DependencyUnavailable,
    );
    await subject.admin.query("rollback");
    await hurried.close();
  });

  test("a keys folder that others can change is refused", async () => {
    chmodSync(keysDir, 0o777);
    await expect(open(subject.access, keysDir)).rejects.toThrow(StartError);
  });
});
