import type { RipsResult } from "@tda-platform/contract/compute-results";
import type { Job } from "@tda-platform/contract/jobs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestBed, type TestServer, until } from "../../test/support/test-bed.ts";

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

const submission = (input: object, more: object = {}) => ({ algorithm: "vietoris-rips", input, ...more });

async function submit(server: TestServer, body: unknown): Promise<Job> {
  const answer = await server.post(body, {}, "/v1/jobs/compute");
  expect(answer.status, await answer.clone().text()).toBe(202);
  return (await answer.json()) as Job;
}

async function ended(server: TestServer, id: string): Promise<Job> {
  return await until(async () => {
    const job = (await (await server.get(`/v1/jobs/${id}`)).json()) as Job;
    return job.finished_at !== null && job;
  });
}

describe("a job", () => {
  it("is queued, runs, and has the result that the computation answers at once", async () => {
    const server = await bed.server();
    bed.worker();
    const job = await submit(server, submission({ points: SQUARE }));
    expect(job).toMatchObject({ status: "queued", progress: 0, stage: null, attempt: 0, warnings: [], error: null });
    const done = await ended(server, job.job_id);
    expect(done).toMatchObject({ status: "succeeded", progress: 1, attempt: 1 });
    const answer = await server.get(`/v1/jobs/${job.job_id}/result`);
    const result = (await answer.json()) as RipsResult;
    const direct = (await (await server.post({ points: SQUARE })).json()) as RipsResult;
    expect(result.diagrams).toEqual(direct.diagrams);
    expect(result.parameters).toEqual(direct.parameters);
    expect(Object.keys(result.parameters)).toEqual(Object.keys(direct.parameters));
    expect(result.provenance).toEqual(direct.provenance);
    const again = await server.get(`/v1/jobs/${job.job_id}/result`, { "if-none-match": answer.headers.get("etag")! });
    expect(again.status).toBe(304);
  });
});
