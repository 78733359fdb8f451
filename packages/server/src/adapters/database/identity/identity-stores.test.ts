import { randomBytes } from "node:crypto";
import { ROLE_PERMISSIONS } from "@tda-platform/contract/permissions";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../../domain/identity/ports.ts";
import type { AuditEvent, Principal } from "../../../domain/ports.ts";
import { newId } from "../../../internal/ids.ts";
import { createPool } from "../connection-pool.ts";
import type { Database } from "../open-database.ts";
import { inProject } from "../project-transaction.ts";
import { SYSTEM_ROLE } from "../tenancy.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "../testing/embedded-database.ts";
import { open, silent } from "../testing/records.ts";
import { PostgresAuditLog } from "./audit-log.ts";
import { removeExpired } from "./identity-retention.ts";
import { PostgresLoginAttempts } from "./login-attempts.ts";
import { PostgresTicketStore } from "./ticket-store.ts";
import { PostgresUserStore } from "./user-store.ts";

let subject: EmbeddedDatabase;
let database: Database;
let admin: pg.Client;
/** One connection each, so that whatever a transaction left behind would be met by the next. */
let pool: pg.Pool;
let systemPool: pg.Pool;
const other = newId("prj");

beforeAll(async () => {
  subject = await startEmbeddedDatabase();
  admin = subject.admin;
  database = await open(subject.access, subject.keysDir);
  await admin.query("insert into tda.projects (id, name, cache_key) values ($1, 'other', $2)", [
    other,
    randomBytes(32),
  ]);
  pool = subject.connection(null);
  systemPool = subject.connection(SYSTEM_ROLE);
});
afterAll(async () => {
  await Promise.all([pool.end(), systemPool.end()]);
  await database.close();
  await subject.end();
});

const principal = (projectId: string): Principal => ({
  kind: "api_key",
  id: newId("key"),
  projectId,
  role: "admin",
  permissions: ROLE_PERMISSIONS.admin,
});
const actor = (projectId: string): Actor => ({
  principal: principal(projectId),
  operation: "user.create",
  requestId: "req",
  address: "127.0.0.1",
});
const event = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  ...{ principal: principal(database.defaultProjectId), operation: "compute.vietoris_rips", target: null },
  ...{ status: 200, address: "127.0.0.1", requestId: "req" },
  ...more,
});
const auditRows = async (projectId: string) =>
  (await admin.query("select * from tda.audit_log where project_id = $1 order by id", [projectId])).rows;

test("users are seen where they are members, and changed where they were made", async () => {
  const users = new PostgresUserStore(pool, systemPool);
  const here = actor(database.defaultProjectId);
  const there = actor(other);
  const account = { username: "ada", passwordHash: "x", displayName: null, role: "viewer" } as const;
  const user = await users.create(here, account);
  expect(await users.find(other, user.id)).toBeNull();
  expect(await users.list(other, { limit: 9, before: null })).toEqual([]);
  expect(await users.update(there, user.id, { role: "admin" })).toBeNull();
  expect(await users.remove(there, user.id)).toBe(false);
  await users.join(there, user.id, "analyst");
  expect(await users.find(other, user.id)).toMatchObject({ username: "ada", role: "analyst", is_local: false });
  expect(await users.find(database.defaultProjectId, user.id)).toMatchObject({ role: "viewer", is_local: true });
  await expect(users.update(there, user.id, { isDisabled: true })).rejects.toMatchObject({ code: "permission_denied" });
  // Also without our own check: the database's rules let the row of another project be read and not changed.
  const changed = await inProject(pool, other, (client) =>
    client.query("update tda.users set password_hash = 'mine' where id = $1", [user.id]),
  );
  expect(changed.rowCount).toBe(0);
  const deleted = await inProject(pool, other, (client) =>
    client.query("delete from tda.users where id = $1", [user.id]),
  );
  expect(deleted.rowCount).toBe(0);
});

test("a ticket opens its path once, for who took it", async () => {
  const tickets = new PostgresTicketStore(pool, systemPool);
  const who = principal(other);
  const path = "/v1/jobs/job_x/events";
  const { ticket, expiresAt } = await tickets.issue(who, path);
  expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(50_000);
  const found = await Promise.all([tickets.redeem(ticket, path), tickets.redeem(ticket, path)]);
  expect(found.filter((one) => one !== null)).toEqual([who]);
  const wrong = await tickets.issue(who, path);
  expect(await tickets.redeem(wrong.ticket, "/v1/jobs/job_y/events")).toBeNull();
  expect(await tickets.redeem(wrong.ticket, path)).toBeNull();
  const late = await tickets.issue(who, path);
  await admin.query("update tda.tickets set expires_at = now() - interval '1 second'");
  expect(await tickets.redeem(late.ticket, path)).toBeNull();
  expect(await tickets.redeem("tdt_x", path)).toBeNull();
  const { rows } = await admin.query("select * from tda.tickets");
  expect(JSON.stringify(rows)).not.toContain(ticket);
});

test("attempts are counted by user and address, and addresses of one network together", async () => {
  const attempts = new PostgresLoginAttempts(systemPool);
  const times = async (count: number, username: string, address: string) => {
    for (let i = 0; i < count; i++) if ((await attempts.take(username, address)) !== null) return i;
    return count;
  };
  expect(await times(12, "a", "10.0.0.1")).toBe(10);
  expect(await attempts.take("a", "10.0.0.1")).toBeGreaterThan(800);
  expect(await attempts.take("a", "10.0.0.2")).toBeNull();
  expect(await times(6, "b", "2001:db8:1:2::1")).toBe(6);
  expect(await times(6, "b", "2001:db8:1:2:ffff::9")).toBe(4);
  expect(await attempts.take("b", "2001:db8:1:3::1")).toBeNull();
  // Many users from one address.
  for (let i = 0; i < 88; i++) await attempts.take(`user ${i}`, "10.0.0.1");
  expect(await attempts.take("someone else", "10.0.0.1")).toBeGreaterThan(0);
  // Success takes back what it counted.
  await times(9, "c", "10.0.0.3");
  await attempts.forgive("c", "10.0.0.3");
  expect(await times(12, "c", "10.0.0.3")).toBe(10);
  // Those that come at the same time are as many.
  const together = await Promise.all(Array.from({ length: 15 }, () => attempts.take("d", "10.0.0.4")));
  expect(together.filter((wait) => wait === null).length).toBe(10);
  await admin.query("update tda.login_attempts set since = now() - interval '16 minutes'");
  expect(await attempts.take("a", "10.0.0.1")).toBeNull();
});

test("nobody changes or deletes rows of the audit log", async () => {
  const log = new PostgresAuditLog(pool, database.defaultProjectId, silent);
  log.record(event());
  await log.drain();
  const statements = ["update tda.audit_log set status = 0", "delete from tda.audit_log", "truncate tda.audit_log"];
  for (const statement of statements) {
    await expect(
      inProject(pool, other, (client) => client.query(statement)),
      statement,
    ).rejects.toMatchObject({ code: "42501" });
    await expect(systemPool.query(statement), statement).rejects.toMatchObject({ code: "42501" });
    await expect(admin.query(statement), statement).rejects.toMatchObject({ code: "42501" });
  }
  await expect(pool.query("select tda.maintain_audit_log(1)")).rejects.toMatchObject({ code: "42501" });
});

test("a burst shares rows, which count; strangers share more", async () => {
  const project = newId("prj");
  const log = new PostgresAuditLog(pool, project, silent);
  const caller = principal(project);
  for (let i = 0; i < 1_000; i++) log.record(event({ principal: caller, requestId: `r${i}` }));
  for (let i = 0; i < 1_000; i++) log.record(event({ principal: null, status: 401, address: `10.0.0.${i % 250}` }));
  log.record(event({ principal: caller, operation: "key.revoke", target: "key_x" }));
  await log.drain();
  const rows = await auditRows(project);
  const counted = (id: string | null) => rows.filter((row) => row.actor_id === id && row.operation !== "key.revoke");
  const sum = (some: { count: number }[]) => some.reduce((total, { count }) => total + count, 0);
  expect(sum(counted(caller.id))).toBe(1_000);
  expect(sum(counted(null))).toBe(1_000);
  expect(rows.length).toBeLessThan(100);
  expect(rows.filter((row) => row.operation === "key.revoke")).toMatchObject([{ target: "key_x", count: 1 }]);
  expect(new Set(counted(caller.id).map((row) => row.request_id)).has("r0")).toBe(true);
});

test("what comes while rows are being written is written after them, and nothing twice", async () => {
  const project = newId("prj");
  const slow = {
    connect: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return await pool.connect();
    },
  } as pg.Pool;
  const log = new PostgresAuditLog(slow, project, silent);
  for (let i = 0; i < 8; i++) {
    log.record(event({ principal: principal(project), requestId: `r${i}` }));
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await log.drain();
  expect((await auditRows(project)).map((row) => row.request_id)).toEqual([
    "r0",
    "r1",
    "r2",
    "r3",
    "r4",
    "r5",
    "r6",
    "r7",
  ]);
});

test("rows whose writing was not confirmed are written again, and are there once", async () => {
  const project = newId("prj");
  let isLost = true;
  const unsure = {
    connect: async () => {
      const client = await pool.connect();
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      client.query = (async (...args: unknown[]) => {
        const done = await query(...args);
        if (args[0] !== "commit" || !isLost) return done;
        isLost = false;
        throw new Error("Connection terminated unexpectedly");
      }) as typeof client.query;
      const release = client.release.bind(client);
      client.release = (error) => {
        client.query = query as typeof client.query;
        release(error);
      };
      return client;
    },
  } as pg.Pool;
  const log = new PostgresAuditLog(unsure, project, silent);
  for (let i = 0; i < 3; i++) log.record(event({ principal: principal(project) }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await log.drain();
  expect(isLost).toBe(false);
  expect((await auditRows(project)).length).toBe(3);
});

test("rows wait for a database that is away, and one that it never takes does not hold up the rest", async () => {
  const project = newId("prj");
  const broken = createPool({
    connection: { ...subject.embedded.address("app"), host: "/nowhere" },
    size: 1,
    statementTimeoutMs: 100,
    role: null,
    logger: silent,
  });
  const connect = broken.connect.bind(broken);
  const log = new PostgresAuditLog(broken, project, silent);
  log.record(event({ principal: principal(project) }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await auditRows(project)).toEqual([]);
  broken.connect = (() => pool.connect()) as typeof broken.connect;
  log.record(event({ principal: principal(project) }));
  await log.drain();
  expect((await auditRows(project)).length).toBe(2);
  broken.connect = connect;
  await broken.end();
  const poisoned = new PostgresAuditLog(pool, project, silent);
  poisoned.record(event({ principal: principal(project), target: "a\0b" }));
  await poisoned.drain();
  poisoned.record(event({ principal: principal(project) }));
  await poisoned.drain();
  expect((await auditRows(project)).length).toBe(3);
});

test("the audit log has a partition for each month, and old ones go", async () => {
  const partitions = async () =>
    (
      await admin.query(
        "select relname as name from pg_class where relname ~ '^audit_log_[0-9]{6}$' and relkind = 'r' order by 1",
      )
    ).rows.map(({ name }) => name as string);
  const months = await partitions();
  expect(months.length).toBe(3);
  const { rows } = await admin.query("select to_char(now() at time zone 'UTC', '\"audit_log_\"YYYYMM') as name");
  expect(months[0]).toBe(rows[0].name);
  await admin.query("set role to none");
  await admin.query(
    "create table tda.audit_log_202001 partition of tda.audit_log for values from ('2020-01-01Z') to ('2020-02-01Z')",
  );
  await admin.query(
    `alter table tda.audit_log_202001 owner to ${pg.escapeIdentifier(subject.embedded.address("owner").user!)}`,
  );
  await removeExpired(systemPool, 36_500);
  expect(await partitions()).toEqual(["audit_log_202001", ...months]);
  await removeExpired(systemPool, 365);
  expect(await partitions()).toEqual(months);
  // A retention below the least one keeps what is younger.
  await systemPool.query("select tda.maintain_audit_log(0)");
  expect(await partitions()).toEqual(months);
});
