import { afterAll, beforeAll, expect, it } from "vitest";
import { cloud, ended, ripsJob, submit } from "../../../../test/support/jobs.ts";
import { TestBed } from "../../../../test/support/test-bed.ts";
import { deleteOldJobs } from "./job-retention.ts";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterAll(() => bed.end());

it("deletes results, jobs with their inputs, and events, each after its time", async () => {
  const server = await bed.server();
  const worker = bed.worker();
  const { job_id: done } = await submit(server, ripsJob(cloud()));
  const { job_id: bad } = await submit(server, ripsJob({ ...cloud(40), max_dimension: 2, memory_limit_bytes: 2_000 }));
  await ended(server, done);
  await ended(server, bad);
  await worker.stop();
  const { job_id: waiting } = await submit(server, ripsJob(cloud()));
  await fetch(`${server.url}/v1/jobs/${waiting}/cancel`, { method: "POST" });
  const pool = bed.systemPool();
  const retention = { jobDays: 30, resultDays: 7, eventDays: 7 };
  expect(await deleteOldJobs(pool, retention)).toEqual({ results: 0, jobs: 0, events: 0 });
  await bed.rows("update tda.job_results set created_at = now() - interval '8 days'");
  expect(await deleteOldJobs(pool, retention)).toEqual({ results: 1, jobs: 0, events: 0 });
  const answer = await server.get(`/v1/jobs/${done}/result`);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([410, "job_result_expired"]);
  await bed.rows("update tda.jobs set finished_at = now() - interval '31 days' where id = any($1)", [[done, bad]]);
  expect(await deleteOldJobs(pool, retention)).toEqual({ results: 0, jobs: 2, events: 0 });
  expect((await server.get(`/v1/jobs/${done}`)).status).toBe(404);
  expect((await server.get(`/v1/jobs/${waiting}`)).status).toBe(200);
  expect(await bed.rows("select job_id from tda.job_inputs")).toEqual([{ job_id: waiting }]);
  await bed.rows("update tda.outbox set created_at = now() - interval '8 days' where aggregate_id = any($1)", [
    [done, bad],
  ]);
  // What the log does not have yet stays.
  expect(await deleteOldJobs(pool, retention)).toMatchObject({ jobs: 0, events: 0 });
  await bed.rows("update tda.outbox set published_at = now()");
  expect(await deleteOldJobs(pool, retention)).toMatchObject({ jobs: 0, events: 6 });
  await pool.end();
});
