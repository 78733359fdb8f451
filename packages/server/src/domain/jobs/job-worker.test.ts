import type { Engine, VietorisRipsResult } from "@tda-platform/engine/types";
import { createTypeScriptEngine } from "@tda-platform/engine/typescript/index";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cloud, ended, read, ripsJob, running, slowInput, submit } from "../../../test/support/jobs.ts";
import { TestBed, until } from "../../../test/support/test-bed.ts";

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

/** An engine whose computations wait, and the number of those that wait and of those that were given up. */
function stuckEngine() {
  const engine = createTypeScriptEngine();
  const stuck = { waiting: 0, cancelled: 0, engine: engine as Engine };
  stuck.engine = {
    ...engine,
    vietorisRips: (_input, _options, call) =>
      new Promise<VietorisRipsResult>((_resolve, reject) => {
        stuck.waiting++;
        call?.signal?.addEventListener("abort", () => {
          stuck.waiting--;
          stuck.cancelled++;
          reject(new Error("cancelled"));
        });
      }),
  };
  return stuck;
}

describe("a worker that stops", () => {
  it("gives back what it runs, as if it had not begun, for another to run", async () => {
    const server = await bed.server();
    const stuck = stuckEngine();
    const first = bed.worker({ engine: stuck.engine, env: { TDA_JOB_CONCURRENCY: "1", TDA_JOB_MAX_ATTEMPTS: "1" } });
    const jobs = [await submit(server, ripsJob(cloud())), await submit(server, ripsJob(cloud()))];
    await until(() => stuck.waiting === 1);
    await first.stop();
    expect(stuck.cancelled).toBe(1);
    for (const { job_id } of jobs) expect(await read(server, job_id)).toMatchObject({ status: "queued", error: null });
    expect(await bed.rows("select failures from tda.jobs where failures > 0")).toEqual([]);
    bed.worker({ env: { TDA_JOB_MAX_ATTEMPTS: "1" } });
    for (const { job_id } of jobs) expect(await ended(server, job_id)).toMatchObject({ status: "succeeded" });
  });

  it("ends what it runs when it is only drained", async () => {
    const server = await bed.server();
    const { drain } = bed.worker();
    const { job_id } = await submit(server, ripsJob({ ...slowInput(), max_dimension: 1 }));
    await running(server, job_id);
    await drain();
    expect(await read(server, job_id)).toMatchObject({ status: "succeeded" });
    const next = await submit(server, ripsJob(cloud()));
    await drain();
    expect(await read(server, next.job_id)).toMatchObject({ status: "queued" });
    await fetch(`${server.url}/v1/jobs/${next.job_id}/cancel`, { method: "POST" });
  });
});

describe("a worker that has lost its lease", () => {
  it("leaves the job, also when nobody told it", async () => {
    const server = await bed.server();
    const stuck = stuckEngine();
    bed.worker({ engine: stuck.engine, env: { TDA_JOB_LEASE_SECONDS: "1" } });
    const { job_id } = await submit(server, ripsJob(cloud()));
    await until(() => stuck.waiting === 1);
    // As another's work: the token is another from now on.
    await bed.rows(
      "update tda.jobs set worker_id = 'another', attempt = attempt + 1, lease_expires_at = now() + interval '1 hour' where id = $1",
      [job_id],
    );
    await until(() => stuck.cancelled === 1);
    expect(await read(server, job_id)).toMatchObject({ status: "running", attempt: 2 });
    await fetch(`${server.url}/v1/jobs/${job_id}/cancel`, { method: "POST" });
  });

  it("finds another to take it over, once the lease is over", async () => {
    const server = await bed.server();
    const env = { TDA_JOB_LEASE_SECONDS: "1" };
    const { job_id } = await submit(server, ripsJob(cloud()));
    // A worker that leases and is never heard of again.
    const lost = { worker: "lost", leaseSeconds: 1, slots: 1, smallJobs: 0, smallSeconds: 0 };
    expect(await bed.database.jobQueue.lease(lost)).toHaveLength(1);
    bed.worker({ env });
    expect(await ended(server, job_id)).toMatchObject({ status: "succeeded", attempt: 2 });
    const events = await bed.database.jobs.events(bed.database.defaultProjectId, job_id, 0, 20);
    expect(events.map(({ type }) => type)).toEqual([
      "job.submitted",
      "job.started",
      "job.retrying",
      "job.started",
      "job.completed",
    ]);
  });
});

describe("a worker", () => {
  it("runs no more than its share at a time, and gives back what waits behind something long", async () => {
    const server = await bed.server();
    const stuck = stuckEngine();
    bed.worker({ engine: stuck.engine, env: { TDA_JOB_CONCURRENCY: "2" } });
    const jobs = await Promise.all([1, 2, 3, 4, 5].map(() => submit(server, ripsJob(cloud()))));
    await until(() => stuck.waiting === 2);
    const waiting = await until(async () => {
      const all = await Promise.all(jobs.map(({ job_id }) => read(server, job_id)));
      return all.filter(({ status }) => status === "queued").length === 3 && all;
    });
    expect(waiting.filter(({ status }) => status === "running")).toHaveLength(2);
    expect(stuck.waiting).toBe(2);
    for (const { job_id } of jobs) await fetch(`${server.url}/v1/jobs/${job_id}/cancel`, { method: "POST" });
    await until(() => stuck.waiting === 0);
  });

  it("tells its metrics", async () => {
    const server = await bed.server();
    const { metrics } = bed.worker();
    const { job_id } = await submit(server, ripsJob(cloud()));
    await ended(server, job_id);
    const text = await until(async () => {
      const now = await metrics.text();
      return now.includes('tda_jobs_outcomes_total{algorithm="vietoris-rips",outcome="succeeded"} 1') && now;
    });
    expect(text).toContain('tda_jobs_attempts_total{algorithm="vietoris-rips"} 1');
    expect(text).toContain('tda_jobs_run_seconds_count{algorithm="vietoris-rips"} 1');
    expect(text).toContain('tda_jobs_wait_seconds_count{algorithm="vietoris-rips"} 1');
    expect(text).toContain('tda_jobs{status="queued"} 0');
  });
});
