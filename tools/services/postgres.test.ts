import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FaultProxy, type Services, startServices } from "./services.ts";

let services: Services<{ postgres: true }>;
beforeAll(async () => {
  services = await startServices({ postgres: true });
});
afterAll(() => services.stop());

async function rows(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows as unknown[];
  } finally {
    await client.end();
  }
}

it("gives the application a role that owns nothing, is no superuser and steps around no row security", async () => {
  const { url, ownerUrl } = services.postgres;
  const role = `select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as able,
    exists (select from pg_database where datdba = pg_roles.oid) as owns from pg_roles where rolname = current_user`;
  expect(await rows(url, role)).toEqual([{ able: false, owns: false }]);
  expect(await rows(ownerUrl, role)).toEqual([{ able: false, owns: true }]);
  await expect(rows(url, "create table t (n int)")).rejects.toMatchObject({ code: "42501" });
});

it("asks for passwords, by SCRAM, and listens on loopback alone", async () => {
  const { url, adminUrl } = services.postgres;
  await expect(rows(Object.assign(new URL(url), { password: "wrong" }).href, "select 1")).rejects.toMatchObject({
    code: "28P01",
  });
  expect(
    await rows(adminUrl, "select distinct left(rolpassword, 13) as kind from pg_authid where rolcanlogin"),
  ).toEqual([{ kind: "SCRAM-SHA-256" }]);
  expect(await rows(adminUrl, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
});

it.runIf(process.getuid?.() === 0 && process.platform === "linux")("does not run as root", () => {
  const status = readFileSync(`/proc/${services.postgres.pid}/status`, "utf8");
  expect(/^Uid:\s+(\d+)\s+(\d+)/m.exec(status)?.slice(1)).not.toContain("0");
});

it("has after kill -9 and a restart what was committed, on the same port", async () => {
  const { ownerUrl } = services.postgres;
  const pid = services.postgres.pid;
  await rows(ownerUrl, "create table kept (n int)");
  await rows(ownerUrl, "insert into kept select generate_series(1, 1000)");
  await services.postgres.kill();
  await expect(rows(ownerUrl, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await services.postgres.restart();
  expect(services.postgres.pid).not.toBe(pid);
  expect(services.postgres.ownerUrl).toBe(ownerUrl);
  expect(await rows(ownerUrl, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }]);
});

it("answers nobody while it is frozen, open connections included, and goes on after", async () => {
  const client = new pg.Client({ connectionString: services.postgres.url });
  await client.connect();
  await client.query("select 1");
  await services.postgres.freeze();
  let isAnswered = false;
  const answer = client.query("select 42 as n").then(({ rows }) => {
    isAnswered = true;
    return rows;
  });
  await expect(rows(services.postgres.url, "select 1"), "a new connection").rejects.toThrow(/timeout/);
  expect(isAnswered).toBe(false);
  await services.postgres.resume();
  expect(await answer).toEqual([{ n: 42 }]);
  await client.end();
});

it("makes databases that know nothing of each other", async () => {
  const [one, other] = [await services.postgres.newDatabase(), await services.postgres.newDatabase()];
  await rows(one.ownerUrl, "create table mine (n int)");
  await expect(rows(other.ownerUrl, "select from mine")).rejects.toMatchObject({ code: "42P01" });
  await expect(rows(one.url, "select from mine")).rejects.toMatchObject({ code: "42501" });
});

it("is cut from its clients by the proxy, and reached again", async () => {
  const proxy = await FaultProxy.start(services.postgres.url);
  const url = proxy.url(services.postgres.url);
  expect(await rows(url, "select 1 as n")).toEqual([{ n: 1 }]);
  await proxy.refuse();
  await expect(rows(url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await proxy.resume();
  expect(await rows(url, "select 1 as n")).toEqual([{ n: 1 }]);
  await proxy.stop();
});
