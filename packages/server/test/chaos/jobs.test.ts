import { setTimeout as sleep } from "node:timers/promises";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import type { Job } from "@tda-platform/contract/jobs";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ExternalPostgres, startExternalPostgres } from "../../src/adapters/database/testing/external-postgres.ts";
import { type TemporaryDir, temporaryDir } from "../../src/adapters/database/testing/temporary-dir.ts";
import { Member } from "./fleet.ts";

/**
 * Jobs are submitted while workers, the API and PostgreSQL are killed and started again. A short form by default; the whole
 * by TDA_TEST_CHAOS_JOBS=1000.
 */
const JOBS = Number(process.env.TDA_TEST_CHAOS_JOBS ?? 200);
/** Each kind of victim is killed at least so often. */
const KILLS = Math.max(2, Math.round(JOBS / 100));
const LEASE_SECONDS = 2;
/** A lease that is over is taken back within this time, while a worker and the database are there. */
const TAKE_BACK_MS = 5_000;
const LIMIT_MS = 90_000 + JOBS * 600;

let postgres: ExternalPostgres;
let dir: TemporaryDir;
const apis: Member[] = [];
const workers: Member[] = [];
let databaseSince = Date.now();

beforeAll(async () => {
  dir = await temporaryDir(0o755);
  postgres = await startExternalPostgres();
  const env = {
    DATABASE_URL: postgres.url(),
    TDA_JOB_LEASE_SECONDS: String(LEASE_SECONDS),
    // What a worker was running when it died counts as a failure: here that is no reason to give up.
    TDA_JOB_MAX_ATTEMPTS: "100",
    TDA_DATABASE_POOL_SIZE: "4",
  };
  await postgres.query("create role app login createrole");
  await postgres.query("create database tda owner app");
  const own = { ...env, DATABASE_URL: postgres.url("app", "tda") };
  for (const name of ["api-1", "api-2"]) apis.push(new Member(name, dir.path, { ...own, TDA_ROLES: "serve" }));
  for (const name of ["worker-1", "worker-2"]) workers.push(new Member(name, dir.path, { ...own, TDA_ROLES: "work" }));
}, 120_000);

afterAll(async () => {
  await Promise.all([...apis, ...workers].map((member) => member.stop()));
  await postgres.stop();
  await dir.remove();
}, 120_000);

/** The corners of a square of side `s` have one loop, from s to s√2: each job's own answer. Every tenth is equal to another. */
const sideOf = (index: number) => 1 + (index % 10 === 9 ? index - 1 : index);
const requestOf = (index: number) => {
  const s = sideOf(index);
  // Some take long enough to be met by a kill.
  const rest = index % 20 === 0 ? Array.from({ length: 40 }, (_, i) => [1e6 + i * 1e3, i * i]) : [];
  return {
    algorithm: "vietoris-rips",
    input: { points: [[0, 0], [s, 0], [s, s], [0, s], ...rest], max_dimension: rest.length > 0 ? 2 : 1 },
  };
};

/** Submits until it is acknowledged. What is not may be stored all the same: such jobs end like the others. */
async function submit(index: number): Promise<string> {
  for (;;) {
    const [api] = apis.filter(({ url }) => url !== null).sort(() => Math.random() - 0.5);
    if (api?.url != null) {
      try {
        const answer = await fetch(`${api.url}/v1/jobs/compute`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(requestOf(index)),
          signal: AbortSignal.timeout(10_000),
        });
        if (answer.status === 202) return ((await answer.json()) as Job).job_id;
        if (answer.status !== 503) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("answered")) throw error;
      }
    }
    await sleep(50);
  }
}

async function query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.url("postgres", "tda") });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Kills one after the other, in an order of chance, until each kind has had its share and all jobs are submitted. */
async function wreak(isSubmitted: () => boolean): Promise<void> {
  const kinds = ["api", "worker", "database"] as const;
  const left = new Map<(typeof kinds)[number], number>(kinds.map((kind) => [kind, KILLS]));
  while (!isSubmitted() || [...left.values()].some((count) => count > 0)) {
    await sleep(200 + Math.random() * 800);
    const open = kinds.filter((kind) => left.get(kind)! > 0);
    const kind = (open.length > 0 ? open : kinds)[Math.floor(Math.random() * (open.length || kinds.length))]!;
    if (kind === "database") {
      await postgres.crash();
      databaseSince = Date.now();
      left.set(kind, left.get(kind)! - 1);
      continue;
    }
    const ready = (kind === "api" ? apis : workers).filter(({ url }) => url !== null);
    const victim = ready[Math.floor(Math.random() * ready.length)];
    if (victim === undefined) continue;
    victim.kill();
    left.set(kind, left.get(kind)! - 1);
  }
}

/** Leases that the dead hold past their time, while someone is there to take them back. */
async function watchLeases(signal: AbortSignal): Promise<string[]> {
  const held: string[] = [];
  while (!signal.aborted) {
    await sleep(250);
    const isWatched = () => {
      const since = Math.max(
        databaseSince,
        Math.min(...workers.map(({ readySince }) => readySince ?? Number.POSITIVE_INFINITY)),
      );
      return Date.now() - since > TAKE_BACK_MS;
    };
    if (!isWatched()) continue;
    const text = `select id from tda.jobs where status = 'running' and lease_expires_at < now() - interval '${TAKE_BACK_MS} ms'`;
    const found = await query<{ id: string }>(text).catch(() => []);
    if (isWatched()) held.push(...found.map(({ id }) => id));
  }
  return held;
}

it(`${JOBS} jobs end once each, whoever is killed meanwhile`, { timeout: LIMIT_MS }, async () => {
  const ids: string[] = [];
  const watching = new AbortController();
  const leases = watchLeases(watching.signal);
  let next = 0;
  const submitting = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < JOBS) {
        const index = next++;
        ids[index] = await submit(index);
        await sleep(Math.random() * 200);
      }
    }),
  );
  await Promise.all([submitting, wreak(() => ids.filter(Boolean).length === JOBS)]);
  for (;;) {
    const [row] = await query<{ open: number }>(
      "select count(*)::int as open from tda.jobs where status in ('queued', 'running')",
    ).catch(() => []);
    if (row?.open === 0) break;
    await sleep(250);
  }
  watching.abort();
  expect(await leases, "leases of the dead").toEqual([]);
  expect([...apis, ...workers].reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(2 * KILLS);

  // What was acknowledged is there, and has succeeded.
  const jobs = await query<{ id: string; status: string; version: number; attempt: number; progress: number }>(
    "select id, status, version, attempt, progress from tda.jobs",
  );
  const byId = new Map(jobs.map((job) => [job.id, job]));
  expect(ids.filter((id) => !byId.has(id))).toEqual([]);
  expect(jobs.filter(({ status, progress }) => status !== "succeeded" || progress !== 1)).toEqual([]);
  // Ended once: one final event each, and no version of a job is missing or there twice.
  const events = await query<{ id: string; versions: number; last: number; ends: number; started: number }>(
    `select aggregate_id as id, count(*)::int as versions, max(version) as last,
       count(*) filter (where type in ('job.completed', 'job.failed', 'job.cancelled'))::int as ends,
       count(*) filter (where type = 'job.started')::int as started
     from tda.outbox group by 1`,
  );
  expect(events).toHaveLength(jobs.length);
  for (const { id, versions, last, ends, started } of events) {
    const job = byId.get(id)!;
    expect({ id, versions, last, ends, started }).toEqual({
      id,
      versions: job.version,
      last: job.version,
      ends: 1,
      started: job.attempt,
    });
  }
  // Each result is stored once, by the attempt that ended its job; nothing is left of inputs.
  expect(await query("select job_id from tda.job_results group by 1 having count(*) > 1")).toEqual([]);
  expect(
    await query(`select j.id from tda.jobs j left join tda.job_results r
      on r.project_id = j.project_id and r.job_id = j.result_job_id and r.attempt = j.result_attempt where r.job_id is null`),
  ).toEqual([]);
  expect(await query("select job_id from tda.job_inputs")).toEqual([]);
  expect(
    await query(
      "select id from tda.jobs where status = 'succeeded' and result_job_id = id group by 1 having count(*) > 1",
    ),
  ).toEqual([]);
  await checkResults(ids);
});

/** Each job's result is its own. */
async function checkResults(ids: readonly string[]): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const answer = await getResult(id);
    const s = sideOf(index);
    const loops = answer.diagrams[1]!.filter(([birth]) => birth === s);
    expect(loops, `${index}`).toEqual([[s, expect.closeTo(s * Math.SQRT2, 9)]]);
  }
}

async function getResult(id: string): Promise<RipsResult> {
  for (;;) {
    const url = apis.find((api) => api.url !== null)?.url;
    const answer = url == null ? null : await fetch(`${url}/v1/jobs/${id}/result`).catch(() => null);
    if (answer?.status === 200) return (await answer.json()) as RipsResult;
    if (answer !== null && answer.status !== 503) throw new Error(`${id}: ${answer.status} ${await answer.text()}`);
    await sleep(100);
  }
}
