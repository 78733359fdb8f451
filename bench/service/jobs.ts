// Small jobs end to end: submitted, computed, their results stored; by single requests and by batches.
import { Api } from "../../acceptance/support/http.ts";
import type { Product } from "../../acceptance/support/product.ts";
import { bodyOf, payloads } from "../http/payloads.ts";
import { apiBytes } from "./observe-processes.ts";

export interface JobRow {
  readonly how: string;
  readonly jobs: number;
  /** From the first request to the last job's end. */
  readonly seconds: number;
  /** Until every submission was acknowledged. */
  readonly submittedSeconds: number;
  readonly apiBytes: number;
}

let coordinate = 0;

/** A job of 20 points that no other has. */
function newJob() {
  const input = JSON.parse(bodyOf(payloads[0])) as { points: number[][] };
  input.points[0]![0] = 2 + ++coordinate * 1e-9;
  return { algorithm: "vietoris-rips", input };
}

export async function measureJobs(product: Product, count: number, log: (line: string) => void): Promise<JobRow[]> {
  const api = new Api(product.url, product.apiKey);
  const rows = [
    await measure("one request a job, 32 at a time", product, count, (jobs) => submitSingly(api, jobs)),
    await measure("batches of 1,000", product, count, (jobs) => submitBatches(api, jobs)),
  ];
  log(`jobs: ${rows.map(({ how, jobs, seconds }) => `${how}: ${(jobs / seconds).toFixed(0)}/s`).join("; ")}`);
  return rows;
}

type Submit = (jobs: readonly unknown[]) => Promise<void>;

async function measure(how: string, product: Product, count: number, submit: Submit): Promise<JobRow> {
  const jobs = Array.from({ length: count }, newJob);
  const before = await succeeded(product);
  const startedAt = performance.now();
  await submit(jobs);
  const submittedSeconds = (performance.now() - startedAt) / 1000;
  while ((await succeeded(product)) < before + count) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    how,
    jobs: count,
    seconds: (performance.now() - startedAt) / 1000,
    submittedSeconds,
    apiBytes: apiBytes(product),
  };
}

async function submitSingly(api: Api, jobs: readonly unknown[]): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < jobs.length) {
        const answer = await api.post("/v1/jobs/compute", jobs[next++]);
        if (answer.status !== 202) throw new Error(`a job was answered ${answer.status}: ${answer.text()}`);
      }
    }),
  );
}

async function submitBatches(api: Api, jobs: readonly unknown[]): Promise<void> {
  for (let at = 0; at < jobs.length; at += 1_000) {
    const answer = await api.post("/v1/jobs/batch", { jobs: jobs.slice(at, at + 1_000) });
    if (answer.status >= 300) throw new Error(`a batch was answered ${answer.status}: ${answer.text().slice(0, 300)}`);
  }
}

/** Jobs that ended well, as the metrics count them: reading them one by one would be a load of its own. */
async function succeeded(product: Product): Promise<number> {
  const metrics = await (await fetch(`${product.url}/metrics`)).text();
  return Number(/^tda_jobs_outcomes_total\{[^}]*outcome="succeeded"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}
