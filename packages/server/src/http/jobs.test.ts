import type { CircularResult } from "@tda-platform/contract/circular-coordinates";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import { JOB_SCHEMA, type Job, type JobBatch } from "@tda-platform/contract/jobs";
import { createHostPool } from "@tda-platform/engine";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  cloud,
  countingEngine,
  ended,
  failingEngine,
  read,
  ripsJob,
  running,
  slowInput,
  submit,
} from "../../test/support/jobs.ts";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

const isJob = new Ajv2020({ strict: false, validateFormats: false }).compile(JOB_SCHEMA);
let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open();
});
afterEach(() => bed.endServers());
afterAll(() => bed.end());

const SQUARE = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

async function problem(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  return (await answer.json()) as Record<string, unknown>;
}

const result = (server: TestServer, id: string, headers = {}) => server.get(`/v1/jobs/${id}/result`, headers);
const cancel = (server: TestServer, id: string) => fetch(`${server.url}/v1/jobs/${id}/cancel`, { method: "POST" });
const redrive = (server: TestServer, id: string) => fetch(`${server.url}/v1/jobs/${id}/redrive`, { method: "POST" });

describe("a job", () => {
  it("is queued, runs, and has the result that the computation answers at once", async () => {
    const server = await bed.server();
    const answer = await server.post(ripsJob({ points: SQUARE }), {}, "/jobs/compute");
    const job = (await answer.json()) as Job;
    expect(answer.headers.get("location")).toBe(`/v1/jobs/${job.job_id}`);
    if (!isJob(job)) expect.fail(JSON.stringify(isJob.errors));
    expect(job).toMatchObject({ status: "queued", progress: 0, stage: null, attempt: 0, warnings: [], error: null });
    expect(await problem(await result(server, job.job_id))).toMatchObject({ status: 409, code: "job_not_finished" });
    bed.worker();
    const done = await ended(server, job.job_id);
    if (!isJob(done)) expect.fail(JSON.stringify(isJob.errors));
    expect(done).toMatchObject({ status: "succeeded", progress: 1, attempt: 1, created_at: job.created_at });
    const own = (await (await result(server, job.job_id)).json()) as RipsResult;
    const direct = (await (await server.post({ points: SQUARE })).json()) as RipsResult;
    for (const name of ["algorithm", "parameters", "diagrams", "provenance"] as const)
      expect(own[name]).toEqual(direct[name]);
    expect(Object.keys(own.parameters)).toEqual(Object.keys(direct.parameters));
    expect(await bed.recorded(own.id)).toMatchObject({ status: "succeeded", principal_id: "local" });
  });

  it("has an ETag, for which there is nothing new", async () => {
    const server = await bed.server();
    bed.worker();
    const { job_id } = await submit(server, ripsJob(cloud()));
    await ended(server, job_id);
    const first = await result(server, job_id);
    const etag = first.headers.get("etag")!;
    expect((await result(server, job_id, { "if-none-match": etag })).status).toBe(304);
    expect((await result(server, job_id, { "if-none-match": 'W/"other"' })).status).toBe(200);
    expect(await (await result(server, job_id)).text()).toBe(await first.text());
  });

  it("may be of circular coordinates", async () => {
    const engine = await createHostPool({ size: 1 });
    const server = await bed.server({ engine });
    bed.worker({ engine });
    const circle = Array.from({ length: 24 }, (_, i) => [Math.cos(i / 3.8), Math.sin(i / 3.8)]);
    const { job_id } = await submit(server, { algorithm: "circular-coordinates", input: { points: circle } });
    expect(await ended(server, job_id)).toMatchObject({ status: "succeeded" });
    const own = (await (await result(server, job_id)).json()) as CircularResult;
    const direct = await server.post({ points: circle }, {}, "/v1/compute/circular-coordinates");
    const { coordinates, bar, parameters } = (await direct.json()) as CircularResult;
    expect(own).toMatchObject({ algorithm: "circular-coordinates", coordinates, bar, parameters });
  });

  it("keeps an input of many parts and every kind", async () => {
    const server = await bed.server();
    bed.worker();
    const inputs = [
      { distances: [[], [1], [2, null]] },
      { distances: [[0], [1, 0.5]] },
      { sparse_distances: { n: 4, rows: [0, 1, 2, 0], cols: [1, 2, 3, 3], values: [1, 1, 1, 2] }, threshold: 1.5 },
      { points: [], max_dimension: 0 },
      // More than a part of 8 MiB: 1.2 million numbers.
      { points: Array.from({ length: 3 }, (_, i) => new Array(400_000).fill(i)), max_dimension: 0 },
    ];
    for (const input of inputs) {
      const { job_id } = await submit(server, ripsJob(input));
      expect(await ended(server, job_id)).toMatchObject({ status: "succeeded", error: null });
      const own = (await (await result(server, job_id)).json()) as RipsResult;
      const direct = (await (await server.post(input)).json()) as RipsResult;
      expect(own.diagrams).toEqual(direct.diagrams);
      expect(own.provenance).toEqual(direct.provenance);
    }
  });

  it("is refused before it is stored when its input is wrong, at the place in the body", async () => {
    const server = await bed.server();
    const cases: [unknown, string, string[]][] = [
      [ripsJob({ points: [[0, "x"]] }), "not_a_number", ["/input/points/0/1"]],
      [ripsJob({ points: [[0], [1, 2]] }), "ragged_rows", ["/input/points/1"]],
      [ripsJob({}), "missing_input", ["/input"]],
      [ripsJob({ points: [], coefficient_field: 4 }), "invalid_coefficient_field", ["/input/coefficient_field"]],
      [ripsJob({ points: [[0, 0]], metric: "cosine" }), "zero_vector", ["/input/points/0"]],
      [
        ripsJob({
          distances: [
            [0, 1],
            [2, 0],
          ],
        }),
        "asymmetric_distance",
        ["/input/distances/0/1", "/input/distances/1/0"],
      ],
      [ripsJob({ points: [[1.7e308], [-1.7e308]] }), "distance_overflow", ["/input/points/1", "/input/points/0"]],
      [{ algorithm: "sorting", input: {} }, "validation_failed", ["/algorithm"]],
      [ripsJob({ points: [] }, { prority: 1 }), "unknown_field", ["/prority"]],
      [ripsJob({ points: [] }, { callback_url: "ftp://x/" }), "invalid_callback_url", ["/callback_url"]],
      [
        ripsJob({ points: [] }, { callback_url: "https://u:p@example.org/" }),
        "invalid_callback_url",
        ["/callback_url"],
      ],
    ];
    const before = await bed.rows("select id from tda.jobs");
    for (const [body, code, pointers] of cases) {
      const answer = await server.post(body, {}, "/v1/jobs/compute");
      const refused = await problem(answer);
      expect([answer.status, refused.code], JSON.stringify(body)).toEqual([422, code]);
      const places = (refused.errors as { pointer: string }[]).map(({ pointer }) => pointer);
      expect(places.sort()).toEqual([...pointers].sort());
    }
    expect((await server.post("{", {}, "/v1/jobs/compute")).status).toBe(400);
    expect(await bed.rows("select id from tda.jobs")).toHaveLength(before.length);
  });

  it("is taken with a warning when its end can't be told", async () => {
    const server = await bed.server();
    const open = await bed.server({ env: { TDA_WEBHOOK_ALLOW_HTTP: "true" } });
    const codes = async (target: TestServer, callback_url: string) =>
      (await submit(target, ripsJob(cloud(), { callback_url }))).warnings.map(({ code }) => code);
    expect(await codes(server, "http://example.org/")).toEqual(["callback_not_deliverable"]);
    expect(await codes(server, "https://example.org/")).toEqual([]);
    expect(await codes(open, "http://example.org/")).toEqual([]);
  });

  it("that no project has is not found, nor is that of another project", async () => {
    const server = await bed.server();
    const unknown = "job_01890a5d-ac96-774b-bcce-b302099a8057";
    for (const path of [unknown, "job_1", "x"]) {
      expect((await server.get(`/v1/jobs/${path}`)).status).toBe(404);
      expect((await cancel(server, path)).status).toBe(404);
    }
    expect((await result(server, unknown)).status).toBe(404);
    expect((await server.get(`/v1/jobs/${unknown}/events`)).status).toBe(404);
    const { job_id } = await submit(server, ripsJob(cloud()));
    const foreign = await bed.server({ defaultProjectId: "prj_01890a5d-ac96-774b-bcce-b302099a8057" });
    for (const path of ["", "/result", "/events"]) {
      expect((await foreign.get(`/v1/jobs/${job_id}${path}`)).status, path).toBe(404);
    }
    expect((await cancel(foreign, job_id)).status).toBe(404);
    expect((await redrive(foreign, job_id)).status).toBe(404);
    expect((await read(server, job_id)).status).toBe("queued");
    await cancel(server, job_id);
  });
});

describe("cancelling", () => {
  it("ends a waiting job at once, and leaves a finished one as it is", async () => {
    const server = await bed.server();
    const { job_id } = await submit(server, ripsJob(cloud()));
    const answer = await cancel(server, job_id);
    const cancelled = (await answer.json()) as Job;
    expect([answer.status, cancelled.status]).toEqual([200, "cancelled"]);
    expect(await (await cancel(server, job_id)).json()).toEqual(cancelled);
    expect(await problem(await result(server, job_id))).toMatchObject({ status: 409, code: "job_cancelled" });
    bed.worker();
    const other = await submit(server, ripsJob(cloud()));
    const done = await ended(server, other.job_id);
    expect(await (await cancel(server, other.job_id)).json()).toEqual(done);
    expect((await read(server, job_id)).status).toBe("cancelled");
  });

  it("stops a running one in the engine, which then runs another", async () => {
    const server = await bed.server();
    const { worker } = bed.worker({ env: { TDA_JOB_CONCURRENCY: "1" } });
    const { job_id } = await submit(server, ripsJob(slowInput()));
    await running(server, job_id);
    expect(await (await cancel(server, job_id)).json()).toMatchObject({ status: "cancelled" });
    await until(() => worker.running === 0);
    const next = await submit(server, ripsJob(cloud()));
    expect(await ended(server, next.job_id)).toMatchObject({ status: "succeeded" });
    expect(await read(server, job_id)).toMatchObject({ status: "cancelled", progress: expect.any(Number) });
  });

  it("takes those that match a filter, and needs one", async () => {
    const server = await bed.server();
    const jobs = await Promise.all([1, 2, 3].map(() => submit(server, ripsJob(cloud()))));
    const ids = jobs.map(({ job_id }) => job_id);
    const many = (body: unknown) => server.post(body, {}, "/v1/jobs/cancel");
    expect((await many({})).status).toBe(422);
    expect(await (await many({ job_ids: ids.slice(0, 2), status: "queued" })).json()).toEqual({
      cancelled: 2,
      more: false,
    });
    expect(await (await many({ job_ids: ids, status: "running" })).json()).toEqual({ cancelled: 0, more: false });
    expect((await read(server, ids[2]!)).status).toBe("queued");
    expect(await (await many({ created_before: "2000-01-01T00:00:00Z" })).json()).toEqual({
      cancelled: 0,
      more: false,
    });
    expect((await many({ created_before: "2000-13-01T00:00:00Z" })).status).toBe(422);
    expect(await (await many({ algorithm: "vietoris-rips" })).json()).toMatchObject({ more: false });
    expect((await read(server, ids[2]!)).status).toBe("cancelled");
  });
});

describe("failures", () => {
  it("that are the input's end the job with their problem", async () => {
    const server = await bed.server();
    bed.worker();
    const input = { ...cloud(40), max_dimension: 2, memory_limit_bytes: 2_000 };
    const { job_id } = await submit(server, ripsJob(input));
    const failed = await ended(server, job_id);
    if (!isJob(failed)) expect.fail(JSON.stringify(isJob.errors));
    expect(failed).toMatchObject({ status: "failed", dead: false, attempt: 1 });
    expect(failed.error).toMatchObject({ code: "memory_limit_exceeded", status: 422, instance: `/v1/jobs/${job_id}` });
    expect(await problem(await result(server, job_id))).toMatchObject({
      status: 409,
      code: "job_failed",
      job_error: { code: "memory_limit_exceeded" },
    });
  });

  it("that are not its own are tried again, and once more when it is redriven", async () => {
    const server = await bed.server();
    bed.worker({ engine: failingEngine("engine_crashed", 3), env: { TDA_JOB_MAX_ATTEMPTS: "2" } });
    const { job_id } = await submit(server, ripsJob(cloud()));
    const dead = await ended(server, job_id);
    expect(dead).toMatchObject({ status: "failed", dead: true, attempt: 2, error: { code: "engine_failed" } });
    const again = await redrive(server, job_id);
    expect(await again.json()).toMatchObject({ job_id, status: "queued", dead: false, error: null });
    expect(await ended(server, job_id)).toMatchObject({ status: "succeeded", attempt: 4, error: null });
    expect(await problem(await redrive(server, job_id))).toMatchObject({ status: 409, code: "job_not_redrivable" });
  });

  it("of deadline and processor time are told as such", async () => {
    const server = await bed.server();
    bed.worker();
    const late = await submit(server, ripsJob(slowInput(), { deadline_seconds: 0.2 }));
    expect((await ended(server, late.job_id)).error).toMatchObject({ code: "job_deadline_exceeded" });
    const hungry = await submit(server, ripsJob({ ...slowInput(), threads: 1 }, { cpu_limit_seconds: 0.1 }));
    expect((await ended(server, hungry.job_id)).error).toMatchObject({ code: "job_cpu_limit_exceeded" });
  });

  it("of a deadline come also to jobs that nobody runs", async () => {
    const server = await bed.server();
    const { job_id } = await submit(server, ripsJob(cloud(), { deadline_seconds: 0.01 }));
    await until(async () => (await bed.database.jobQueue.reconcile(5)).pastDeadline > 0);
    expect(await read(server, job_id)).toMatchObject({ status: "failed", error: { code: "job_deadline_exceeded" } });
  });
});

describe("cost", () => {
  it("above a budget is a warning, and a refusal only where the operator says so", async () => {
    const input = { ...cloud(60), max_dimension: 2, memory_limit_bytes: 1_000_000 };
    const server = await bed.server();
    const job = await submit(server, ripsJob(input, { deadline_seconds: 0.000_001 }));
    expect(job.warnings.map(({ code }) => code)).toEqual(["estimate_above_memory_limit", "estimate_above_deadline"]);
    expect(job.estimate).toEqual({ seconds: expect.any(Number), bytes: expect.any(Number) });
    await cancel(server, job.job_id);
    for (const env of [{ TDA_MAX_JOB_SECONDS: "0.0000001" }, { TDA_MAX_JOB_MEMORY_BYTES: "1024" }]) {
      const strict = await bed.server({ env });
      const answer = await strict.post(ripsJob(input), {}, "/v1/jobs/compute");
      expect(await problem(answer)).toMatchObject({
        status: 422,
        code: "job_limit_exceeded",
        estimate: expect.any(Object),
      });
    }
  });
});

describe("a synchronous request", () => {
  it("becomes a job where the client prefers it", async () => {
    const server = await bed.server();
    bed.worker();
    const input = cloud();
    const answer = await server.post(input, { prefer: "respond-async" });
    const job = (await answer.json()) as Job;
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/v1/jobs/${job.job_id}`);
    expect(answer.headers.get("preference-applied")).toBe("respond-async");
    await ended(server, job.job_id);
    const own = (await (await result(server, job.job_id)).json()) as RipsResult;
    expect(own.diagrams).toEqual(((await (await server.post(input)).json()) as RipsResult).diagrams);
  });

  it("becomes one where it is estimated to take too long, also from a file", async () => {
    const server = await bed.server({ env: { TDA_SYNC_LIMIT_SECONDS: "0.001" } });
    const answer = await server.post({ ...cloud(60), max_dimension: 2 });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("preference-applied")).toBeNull();
    const job = (await answer.json()) as Job;
    expect(job.estimate!.seconds).toBeGreaterThan(0.001);
    const csv = cloud(60)
      .points.map((row) => row.join(","))
      .join("\n");
    const file = await server.post(csv, { "content-type": "text/csv" }, "/v1/compute/vietoris-rips?max_dimension=2");
    expect(file.status).toBe(202);
    for (const { job_id } of [job, (await file.json()) as Job]) await cancel(server, job_id);
  });
});

describe("equal computations", () => {
  it("of a project run once, and each job has its own answer", async () => {
    const server = await bed.server();
    const input = cloud();
    const jobs = await Promise.all([1, 2, 3, 4].map(() => submit(server, ripsJob(input))));
    const counting = countingEngine();
    bed.worker({ engine: counting.engine });
    const done = await Promise.all(jobs.map(({ job_id }) => ended(server, job_id)));
    expect(done.map(({ status, progress }) => [status, progress])).toEqual(jobs.map(() => ["succeeded", 1]));
    const answers = await Promise.all(
      jobs.map(async ({ job_id }) => (await (await result(server, job_id)).json()) as RipsResult),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(4);
    expect(new Set(answers.map(({ diagrams }) => JSON.stringify(diagrams))).size).toBe(1);
    const later = await submit(server, ripsJob(input));
    expect(await ended(server, later.job_id)).toMatchObject({ status: "succeeded" });
    expect(counting.computations).toBe(1);
  });
});

describe("a batch", () => {
  it("takes each item for itself, in order", async () => {
    const server = await bed.server();
    bed.worker();
    const items = [
      ripsJob(cloud()),
      ripsJob({ points: [["x"]] }),
      ripsJob(cloud(), { priority: 3 }),
      { algorithm: "no", input: {} },
    ];
    const answer = await server.post({ jobs: items }, {}, "/v1/jobs/batch");
    const batch = (await answer.json()) as JobBatch;
    expect(answer.status).toBe(202);
    expect([batch.accepted, batch.rejected]).toEqual([2, 2]);
    expect(batch.items.map(({ index, job }) => [index, job?.priority])).toEqual([
      [0, 0],
      [1, undefined],
      [2, 3],
      [3, undefined],
    ]);
    expect(batch.items[1]!.problem).toMatchObject({
      code: "not_a_number",
      errors: [{ pointer: "/jobs/1/input/points/0/0" }],
    });
    expect(batch.items[3]!.problem).toMatchObject({
      code: "validation_failed",
      errors: [{ pointer: "/jobs/3/algorithm" }],
    });
    for (const { job } of batch.items)
      if (job !== null) expect((await ended(server, job.job_id)).status).toBe("succeeded");
  });

  it("has 1 to 1,000 items", async () => {
    const server = await bed.server();
    const jobs = (count: number) => ({ jobs: new Array(count).fill(ripsJob({ points: [] })) });
    for (const count of [0, 1_001]) expect((await server.post(jobs(count), {}, "/v1/jobs/batch")).status).toBe(422);
    const full = (await (await server.post(jobs(1_000), {}, "/v1/jobs/batch")).json()) as JobBatch;
    expect(full.accepted).toBe(1_000);
    bed.worker();
    await until(async () => (await bed.database.jobQueue.depth()).queued === 0);
  });
});

describe("the list", () => {
  it("is newest first, in pages, by status and algorithm", async () => {
    const server = await bed.server();
    const jobs: Job[] = [];
    for (let i = 0; i < 5; i++) jobs.push(await submit(server, ripsJob(cloud())));
    const newest = jobs.map(({ job_id }) => job_id).reverse();
    const page = async (query: string) =>
      (await (await server.get(`/v1/jobs${query}`)).json()) as { items: Job[]; next_cursor: string | null };
    const first = await page("?limit=2&status=queued");
    expect(first.items.map(({ job_id }) => job_id)).toEqual(newest.slice(0, 2));
    const second = await page(`?limit=2&status=queued&cursor=${first.next_cursor}`);
    expect(second.items.map(({ job_id }) => job_id)).toEqual(newest.slice(2, 4));
    await cancel(server, newest[0]!);
    expect((await page("?limit=1&status=cancelled")).items[0]!.job_id).toBe(newest[0]);
    expect((await page("?algorithm=circular-coordinates&status=queued")).items).toEqual([]);
    for (const bad of ["?status=lost", "?limit=0", "?order=asc", "?cursor=x"]) {
      expect((await server.get(`/v1/jobs${bad}`)).status, bad).toBe(422);
    }
    await server.post({ status: "queued" }, {}, "/v1/jobs/cancel");
  });
});
