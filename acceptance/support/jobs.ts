import type { Job } from "@tda-platform/contract/jobs";
import { expect } from "vitest";
import type { Answer, Api } from "./http.ts";
import { until } from "./poll.ts";

/** The job that a request has become, cancelled at once: what it would compute takes hours. */
export async function becameJob(api: Api, answer: Answer): Promise<Job> {
  expect(answer.status, answer.text()).toBe(202);
  const job = answer.json() as unknown as Job;
  expect(answer.headers.location).toBe(`/v1/jobs/${job.job_id}`);
  const cancelled = await api.call(`/v1/jobs/${job.job_id}/cancel`, { method: "POST" });
  expect(cancelled.json()).toMatchObject({ job_id: job.job_id, status: "cancelled" });
  return job;
}

/** The job once it has ended. */
export async function endedJob(api: Api, id: string): Promise<Job> {
  return await until(`${id} to end`, async () => {
    const job = (await api.get(`/v1/jobs/${id}`)).json() as unknown as Job;
    return job.finished_at === null ? undefined : job;
  });
}
