import type { Job } from "@tda-platform/contract/jobs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "./support/http.ts";
import { endlessWork, randomPoints, toNpy, unitSquare } from "./support/inputs.ts";
import { endedJob } from "./support/jobs.ts";
import { until } from "./support/poll.ts";
import { type Target, target } from "./support/product.ts";
import { type ComputeAnswer, computed } from "./support/shapes.ts";

let server: Target;
let api: Api;
beforeAll(async () => {
  server = await target();
  api = server.api;
});
afterAll(() => server.dispose());

async function submit(input: object, more: object = {}): Promise<Job> {
  const answer = await api.post("/v1/jobs/compute", { algorithm: "vietoris-rips", input, ...more });
  expect(answer.status, answer.text()).toBe(202);
  return answer.json() as unknown as Job;
}

async function result(id: string): Promise<ComputeAnswer> {
  const answer = await api.get(`/v1/jobs/${id}/result`);
  expect(answer.status, answer.text()).toBe(200);
  return answer.json<ComputeAnswer>();
}

const cancel = (id: string) => api.call(`/v1/jobs/${id}/cancel`, { method: "POST" });

describe("a job", () => {
  it("has the answer that the computation has", async () => {
    const request = { points: randomPoints(60, 3, 700), max_dimension: 2 };
    const { job_id } = await submit(request);
    expect(await endedJob(api, job_id)).toMatchObject({ status: "succeeded", progress: 1, error: null });
    const own = await result(job_id);
    expect(own.diagrams).toEqual(computed(await api.compute(request)).diagrams);
  });

  it("may come as a file", async () => {
    const body = toNpy(unitSquare);
    const answer = await api.call("/v1/compute/vietoris-rips?max_dimension=1", {
      method: "POST",
      headers: { "Content-Type": "application/x-npy", Prefer: "respond-async" },
      body,
    });
    const { job_id } = answer.json() as unknown as Job;
    await endedJob(api, job_id);
    expect((await result(job_id)).diagrams[1]).toEqual([[1, Math.SQRT2]]);
  });

  it("may be of circular coordinates", async () => {
    const points = Array.from({ length: 30 }, (_, i) => [Math.cos(i / 4.8), Math.sin(i / 4.8)]);
    const answer = await api.post("/v1/jobs/compute", { algorithm: "circular-coordinates", input: { points } });
    const { job_id } = answer.json() as unknown as Job;
    await endedJob(api, job_id);
    const own = (await api.get(`/v1/jobs/${job_id}/result`)).json() as { coordinates: number[] };
    const direct = (await api.post("/v1/compute/circular-coordinates", { points })).json() as typeof own;
    expect(own.coordinates).toEqual(direct.coordinates);
  });

  it("tells stage and progress, and stops in the engine when it is cancelled", async () => {
    const { job_id } = await submit(endlessWork(701));
    const seen = await until("the engine to tell its stage", async () => {
      const job = (await api.get(`/v1/jobs/${job_id}`)).json() as unknown as Job;
      return job.stage !== null && job;
    });
    expect(seen.status).toBe("running");
    expect((await cancel(job_id)).json()).toMatchObject({ status: "cancelled", stage: seen.stage });
    // Its place in the engine is free again: the next one, submitted after it, ends.
    const next = await submit({ points: randomPoints(10, 2, 702) });
    expect(await endedJob(api, next.job_id)).toMatchObject({ status: "succeeded" });
    expect((await api.get(`/v1/jobs/${job_id}`)).json()).toMatchObject({ status: "cancelled" });
  });

  it("is followed from what was seen last to its end", async () => {
    const { job_id } = await submit({ points: randomPoints(150, 3, 703), max_dimension: 2 });
    const first = (await api.get(`/v1/jobs/${job_id}/events`)).text();
    const ids = [...first.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    expect(first).toMatch(/event: job\.completed\ndata: .*"status": ?"succeeded"/);
    const rest = (await api.get(`/v1/jobs/${job_id}/events`, { "Last-Event-ID": "1" })).text();
    expect([...rest.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual(ids.slice(1));
    const none = await api.get(`/v1/jobs/${job_id}/events`, { "Last-Event-ID": String(ids.at(-1)) });
    expect([none.status, none.text()]).toEqual([204, ""]);
  });

  it("in a batch of a thousand has its own answer", async () => {
    const jobs = Array.from({ length: 1_000 }, (_, i) => ({
      algorithm: "vietoris-rips",
      input: {
        points: [
          [0, 0],
          [i + 1, 0],
        ],
        max_dimension: 0,
      },
    }));
    const answer = await api.post("/v1/jobs/batch", { jobs });
    const { accepted, items } = answer.json() as { accepted: number; items: { job: Job }[] };
    expect([answer.status, accepted]).toEqual([202, 1_000]);
    for (const [i, { job }] of items.entries()) {
      if (i % 100 !== 7) continue;
      await endedJob(api, job.job_id);
      const { diagrams } = await result(job.job_id);
      expect(diagrams[0]).toEqual([
        [0, i + 1],
        [0, null],
      ]);
    }
  });
});
