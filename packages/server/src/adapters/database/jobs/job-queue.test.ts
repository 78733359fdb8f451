import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "../../../../test/support/test-bed.ts";
import type { LeasedJob, NewJob } from "../../../domain/jobs/job.ts";
import type { JobOutcome, LeaseRequest } from "../../../domain/jobs/job-store.ts";
import { newId } from "../../../internal/ids.ts";

let bed: TestBed;
const other = newId("prj");

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.rows("insert into tda.projects (id, name, cache_key) values ($1, 'other', $2)", [other, randomBytes(32)]);
});
beforeEach(async () => {
  for (const table of ["jobs", "job_inputs", "job_results", "outbox"]) await bed.rows(`delete from tda.${table}`);
});
afterAll(() => bed.end());

function newJob(more: Partial<NewJob> = {}): NewJob {
  return {
    id: newId("job"),
    projectId: bed.database.defaultProjectId,
    principalId: "local",
    requestId: "req",
    traceparent: null,
    algorithm: "vietoris-rips",
    computationId: newId("cmp"),
    parameters: { max_dimension: 1 },
    inputSha256: "ab".repeat(32),
    input: randomBytes(40),
    dedupKey: newId("evt"),
    priority: 0,
    orderDelaySeconds: 0,
    estimateSeconds: 0.01,
    estimateBytes: null,
    cpuLimitSeconds: null,
    deadlineSeconds: null,
    callbackUrl: null,
    warnings: [],
    ...more,
  };
}

async function submit(more: Partial<NewJob> = {}): Promise<NewJob> {
  const job = newJob(more);
  await bed.database.jobs.submit(job);
  return job;
}

function lease(more: Partial<LeaseRequest> = {}): Promise<readonly LeasedJob[]> {
  const request = { worker: "w1", leaseSeconds: 30, slots: 10, smallJobs: 0, smallSeconds: 0.05, ...more };
  return bed.database.jobQueue.lease(request);
}

const tokenOf = ({ projectId, id, attempt }: LeasedJob) => ({ projectId, id, attempt });
const success = (job: LeasedJob, body = "result"): JobOutcome => ({
  ...tokenOf(job),
  kind: "succeeded",
  body: Buffer.from(body),
  ran: { statistics: { points: 3 }, engine: "native", engineVersion: "1" },
});
const finish = (outcome: JobOutcome, worker = "w1") => bed.database.jobQueue.finish(worker, outcome);
const find = (job: NewJob) => bed.database.jobs.find(job.projectId, job.id);
const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const expire = () =>
  bed.rows("update tda.jobs set lease_expires_at = now() - interval '1 second' where status = 'running'");

describe("leasing", () => {
  it("takes a job once, and hands it over with everything that it needs", async () => {
    const job = await submit({ cpuLimitSeconds: 7, deadlineSeconds: 60 });
    const both = await Promise.all([lease({ worker: "w1" }), lease({ worker: "w2" })]);
    const leased = both.flat();
    expect(ids(leased)).toEqual([job.id]);
    expect(leased[0]).toMatchObject({
      attempt: 1,
      parameters: job.parameters,
      inputSha256: job.inputSha256,
      cpuLimitSeconds: 7,
    });
    expect(Buffer.from(leased[0]!.input!).equals(job.input)).toBe(true);
    expect(leased[0]!.deadlineInMs).toBeGreaterThan(50_000);
    expect(await lease({ worker: "w3" })).toEqual([]);
    expect(await find(job)).toMatchObject({ status: "running", attempt: 1 });
  });

  it("fetches a large input apart", async () => {
    const input = randomBytes(20_000_000);
    const job = await submit({ input });
    const [leased] = await lease();
    expect(leased!.input).toBeNull();
    expect(Buffer.from((await bed.database.jobQueue.input(job))!).equals(input)).toBe(true);
  });

  it("goes by priority, then cost, then age; and by age alone for whoever has waited long", async () => {
    const costly = await submit({ orderDelaySeconds: 300 });
    const cheap = await submit();
    const cheapLater = await submit();
    const urgent = await submit({ orderDelaySeconds: -600 });
    const old = await submit({ orderDelaySeconds: 300 });
    await bed.rows("update tda.jobs set order_at = order_at - interval '1 day' where id = $1", [old.id]);
    expect(ids(await lease())).toEqual(ids([old, urgent, cheap, cheapLater, costly]));
  });

  it("lets projects take turns, counting what runs already", async () => {
    const mine = [];
    for (let i = 0; i < 6; i++) mine.push(await submit());
    expect(await lease({ slots: 2 })).toHaveLength(2);
    const theirs = [
      await submit({ projectId: other }),
      await submit({ projectId: other }),
      await submit({ projectId: other }),
    ];
    // Two of mine run: their first two come before my third.
    expect(ids(await lease({ slots: 2 }))).toEqual(ids(theirs.slice(0, 2)));
    expect(new Set(ids(await lease({ slots: 2 })))).toEqual(new Set([theirs[2]!.id, mine[2]!.id]));
  });

  it("takes small jobs beyond its slots, and no others", async () => {
    const large = [await submit({ estimateSeconds: 5 }), await submit({ estimateSeconds: null })];
    const small = [await submit(), await submit()];
    expect(new Set(ids(await lease({ slots: 1, smallJobs: 5 })))).toEqual(new Set(ids([large[0]!, ...small])));
    expect(ids(await lease({ slots: 0, smallJobs: 5 }))).toEqual([]);
    expect(ids(await lease({ slots: 1, smallJobs: 5 }))).toEqual([large[1]!.id]);
  });

  it("waits for what is to be tried later", async () => {
    const job = await submit();
    const [leased] = await lease();
    await finish({ ...tokenOf(leased!), kind: "queued", error: null, afterSeconds: 60, isFailure: true });
    expect(await lease()).toEqual([]);
    await bed.rows("update tda.jobs set run_after = now()");
    expect(await lease()).toMatchObject([{ id: job.id, attempt: 2, failures: 1 }]);
  });
});

describe("the fencing token", () => {
  it("lets one end only, and nobody who has lost the lease", async () => {
    const job = await submit();
    const [first] = await lease({ worker: "w1" });
    await expire();
    expect(await bed.database.jobQueue.reconcile(5)).toMatchObject({ lostLeases: 1, dead: 0 });
    expect(await find(job)).toMatchObject({ status: "queued", error: { code: "job_lease_lost", status: 503 } });
    await bed.rows("update tda.jobs set run_after = now()");
    const [second] = await lease({ worker: "w2" });
    expect(second!.attempt).toBe(2);
    expect(await finish(success(first!, "stale"), "w1")).toBe(false);
    // The right attempt of the wrong worker: a lease that the database forgot in a crash.
    expect(await finish(success(second!, "stale"), "w1")).toBe(false);
    expect(await find(job)).toMatchObject({ status: "running" });
    expect(await finish(success(second!, "fresh"), "w2")).toBe(true);
    expect(await finish(success(second!, "again"), "w2")).toBe(false);
    expect((await bed.database.jobs.result(job.projectId, job.id))!.body.toString()).toBe("fresh");
    expect(await bed.rows("select attempt from tda.job_results")).toEqual([{ attempt: 2 }]);
  });

  it("holds for a job that was cancelled meanwhile: nothing is stored", async () => {
    const job = await submit();
    const [leased] = await lease();
    await bed.database.jobs.cancel(job.projectId, job.id);
    const beat = { ...tokenOf(leased!), progress: 0.5, stage: "reduction" };
    expect(await bed.database.jobQueue.renew("w1", 30, [beat])).toEqual(new Set());
    expect(await finish(success(leased!))).toBe(false);
    expect(await bed.rows("select from tda.job_results")).toEqual([]);
    expect(await find(job)).toMatchObject({ status: "cancelled", progress: 0 });
  });

  it("is renewed with the progress, which never falls", async () => {
    const job = await submit();
    const [leased] = await lease({ leaseSeconds: 5 });
    const renew = (progress: number) =>
      bed.database.jobQueue.renew("w1", 3_600, [{ ...tokenOf(leased!), progress, stage: "edges" }]);
    expect(await renew(0.5)).toEqual(new Set([job.id]));
    await renew(0.3);
    expect(await find(job)).toMatchObject({ progress: 0.5, stage: "edges" });
    const [{ left }] = (await bed.rows<{ left: number }>(
      "select extract(epoch from lease_expires_at - now())::float8 as left from tda.jobs",
    )) as [{ left: number }];
    expect(left).toBeGreaterThan(3_000);
    const events = await bed.database.jobs.events(job.projectId, job.id, 0, 100);
    expect(events.map(({ type }) => type)).toEqual(["job.submitted", "job.started", "job.progress"]);
  });
});

describe("reconciling", () => {
  it("gives up a job whose workers are lost again and again", async () => {
    const job = await submit();
    for (let failures = 1; failures <= 3; failures++) {
      expect(await lease()).toHaveLength(1);
      await expire();
      expect(await bed.database.jobQueue.reconcile(3)).toMatchObject({ lostLeases: 1, dead: failures === 3 ? 1 : 0 });
      await bed.rows("update tda.jobs set run_after = now()");
    }
    expect(await find(job)).toMatchObject({ status: "failed", isDead: true, attempt: 3 });
    expect(await lease()).toEqual([]);
    expect(await bed.database.jobQueue.reconcile(3)).toEqual({ lostLeases: 0, dead: 0, pastDeadline: 0 });
  });

  it("leaves leases that hold", async () => {
    await submit();
    await lease();
    expect(await bed.database.jobQueue.reconcile(3)).toEqual({ lostLeases: 0, dead: 0, pastDeadline: 0 });
  });
});

describe("an end", () => {
  it("is stored with its event and its computation; the input is kept only for another try", async () => {
    const good = await submit();
    const bad = await submit();
    const leased = await lease();
    const byId = (job: NewJob) => leased.find(({ id }) => id === job.id)!;
    const error = {
      type: "t",
      title: "T",
      status: 422,
      detail: "d",
      instance: "/",
      code: "memory_limit_exceeded",
      request_id: "r",
    };
    const ran = { statistics: null, engine: "native", engineVersion: "1" };
    const failure: JobOutcome = { ...tokenOf(byId(bad)), kind: "failed", error, isDead: false, ran };
    expect(await Promise.all([finish(success(byId(good))), finish(failure)])).toEqual([true, true]);
    for (const [job, type] of [
      [good, "job.completed"],
      [bad, "job.failed"],
    ] as const) {
      const events = await bed.database.jobs.events(job.projectId, job.id, 0, 10);
      expect(events.map((event) => event.type)).toEqual(["job.submitted", "job.started", type]);
      expect(events.map(({ version }) => version)).toEqual([1, 2, 3]);
    }
    expect(await bed.rows("select job_id from tda.job_inputs")).toEqual([{ job_id: bad.id }]);
    expect(await bed.recorded(good.computationId)).toMatchObject({ status: "succeeded", error_code: null });
    expect(await bed.recorded(bad.computationId)).toMatchObject({
      status: "failed",
      error_code: "memory_limit_exceeded",
    });
  });

  it("has a result of many parts", async () => {
    const job = await submit();
    const [leased] = await lease();
    const body = randomBytes(18_000_000);
    await finish({ ...tokenOf(leased!), kind: "succeeded", body, ran: null });
    expect(Buffer.from((await bed.database.jobs.result(job.projectId, job.id))!.body).equals(body)).toBe(true);
    expect(await bed.rows("select part from tda.job_results order by part")).toEqual(
      [0, 1, 2].map((part) => ({ part })),
    );
  });

  it("ends what equals it and waits, of its project alone; not what equals a failure", async () => {
    const equal = { dedupKey: "same" };
    const first = await submit(equal);
    const waiting = await submit(equal);
    const foreign = await submit({ ...equal, projectId: other });
    const leased = await lease();
    expect(new Set(ids(leased))).toEqual(new Set([first.id, foreign.id]));
    await finish(success(leased.find(({ id }) => id === first.id)!));
    expect(await find(waiting)).toMatchObject({ status: "succeeded", progress: 1 });
    expect(await find(foreign)).toMatchObject({ status: "running" });
    expect((await bed.database.jobs.result(waiting.projectId, waiting.id))!.computationId).toBe(waiting.computationId);
    expect(await bed.rows("select from tda.job_results")).toHaveLength(1);
    expect(await bed.rows("select from tda.job_inputs")).toHaveLength(1);
  });

  it("in the queue again frees the equal ones to begin", async () => {
    const [first, second] = [await submit({ dedupKey: "d" }), await submit({ dedupKey: "d" })];
    const [leased] = await lease();
    expect(leased!.id).toBe(first.id);
    await finish({ ...tokenOf(leased!), kind: "queued", error: null, afterSeconds: 60, isFailure: true });
    expect(ids(await lease())).toEqual([second.id]);
  });
});

describe("who tells", () => {
  it("is heard: of jobs that wait, of events, and of cancelling", async () => {
    const heard: string[] = [];
    const { jobSignals } = bed.database;
    const { promise, resolve } = Promise.withResolvers<void>();
    const job = newJob();
    jobSignals.onQueued(() => heard.push("queued"));
    jobSignals.onEvents((ids) => ids?.includes(job.id) === true && heard.push("event"));
    jobSignals.onCancelled((ids) => {
      if (ids?.includes(job.id) === true) resolve();
    });
    await bed.database.jobs.submit(job);
    await lease();
    await bed.database.jobs.cancel(job.projectId, job.id);
    await promise;
    expect(new Set(heard)).toEqual(new Set(["queued", "event"]));
  });
});
