import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StartError } from "../../internal/start-error.ts";
import type { DatabaseAccess } from "./open-database.ts";
import { type ExternalPostgres, startExternalPostgres } from "./testing/external-postgres.ts";
import { computation, open } from "./testing/records.ts";
import { type TemporaryDir, temporaryDir } from "./testing/temporary-dir.ts";

let server: ExternalPostgres;
let dir: TemporaryDir;
beforeAll(async () => {
  server = await startExternalPostgres();
  dir = await temporaryDir();
  await server.query(
    "create role team_owner login; create role team_app login; create role plain login; create role tda_system nologin; create role tda_app nologin; grant tda_system to team_app with inherit false, set true",
  );
});
afterAll(async () => {
  await server.stop();
  await dir.remove();
});

function access(application: string, owner: string | null, database: string): DatabaseAccess {
  return {
    kind: "external",
    application: { connectionString: server.url(application, database) },
    owner: owner === null ? null : { connectionString: server.url(owner, database) },
  };
}

test("an owner and an application role of its own", async () => {
  await server.query("create database two owner team_owner");
  const database = await open(access("team_app", "team_owner", "two"), join(dir.path, "two"));
  await database.computations.record(computation(database.defaultProjectId));
  expect(await database.apiKeys.authenticate(database.localKey.apiKey!)).not.toBeNull();
  await database.close();
});

test("an application role that owns the tables or is a superuser is refused", async () => {
  await server.query("create database same owner team_owner");
  await expect(open(access("team_owner", "team_owner", "same"), join(dir.path, "same"))).rejects.toThrow(StartError);
  await expect(open(access("postgres", "team_owner", "same"), join(dir.path, "same"))).rejects.toThrow(StartError);
});

test("one login that may not create roles is told what to run, and works after that", async () => {
  await server.query("create database alone owner plain");
  const opened = () => open(access("plain", null, "alone"), join(dir.path, "alone"));
  for (const role of ["tda_system", "tda_app"]) {
    await expect(opened()).rejects.toThrow(new RegExp(`grant ${role} to "?plain"?`));
    await server.query(`grant ${role} to plain`);
  }
  const database = await opened();
  await database.computations.record(computation(database.defaultProjectId));
  await database.close();
});

test("one login that may create roles gives its connections a lesser one", async () => {
  await server.query("create role maker login createrole; grant tda_app, tda_system to maker with admin option");
  await server.query("create database made owner maker");
  const database = await open(access("maker", null, "made"), join(dir.path, "made"));
  await database.computations.record(computation(database.defaultProjectId));
  await database.close();
});

test.each([
  ["no such database", () => access("postgres", null, "nowhere")],
  ["no such role", () => access("nobody_here", null, "postgres")],
  [
    "no server",
    (): DatabaseAccess => ({
      kind: "external",
      application: { connectionString: "postgresql://me:hunter2@127.0.0.1:1/tda" },
      owner: null,
    }),
  ],
])("%s stops the start with a sentence that holds no password", async (_, given) => {
  const failure = open(given(), join(dir.path, "failed"));
  await expect(failure).rejects.toThrow(StartError);
  await expect(failure).rejects.not.toThrow(/hunter2|\n/);
});

test("a database that is not UTF-8 is refused", async () => {
  await server.query("create database latin encoding 'LATIN1' template template0");
  await expect(open(access("postgres", null, "latin"), join(dir.path, "latin"))).rejects.toThrow(StartError);
});
