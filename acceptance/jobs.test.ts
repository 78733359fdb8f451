import { afterEach, describe, expect, it } from "vitest";
import { Api } from "./support/http.ts";
import { endlessWork, longWork, randomPoints } from "./support/inputs.ts";
import { until } from "./support/poll.ts";
import { signalQuietly, survivors } from "./support/processes.ts";
import { externalUrl, newFolder, Product } from "./support/product.ts";
import { computed, refused } from "./support/shapes.ts";

interface Job {
  readonly job_id: string;
  readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  readonly attempt: number;
  readonly finished_at: string | null;
}

const env = { FEATURE_ENABLE_AUTHENTICATION: "true", TDA_JOB_LEASE_SECONDS: "2" };
const products: Product[] = [];

async function start(dataDir = newFolder()): Promise<{ product: Product; api: Api }> {
  const product = await Product.launch({ env, dataDir });
  products.push(product);
  await product.settled();
  return { product, api: new Api(product.url, product.apiKey) };
}

afterEach(async () => {
  for (const product of products.splice(0)) await product.dispose();
});

async function submit(api: Api, input: object): Promise<string> {
  const answer = await api.post("/v1/jobs/compute", { algorithm: "vietoris-rips", input });
  expect(answer.status, answer.text()).toBe(202);
  return answer.json<Job>().job_id;
}

const read = async (api: Api, id: string): Promise<Job> => (await api.get(`/v1/jobs/${id}`)).json<Job>();

/** Not whether it has begun, which an end would hide, but the end itself. */
function ended(api: Api, id: string): Promise<Job> {
  return until(
    "the job to end",
    async () => {
      const job = await read(api, id);
      return job.finished_at !== null && job;
    },
    110_000,
  );
}

const running = (api: Api, id: string) =>
  until("the job to run", async () => (await read(api, id)).status === "running");

async function diagramsOf(api: Api, id: string): Promise<unknown> {
  const answer = await api.get(`/v1/jobs/${id}/result`);
  expect(answer.status, answer.text().slice(0, 2000)).toBe(200);
  return answer.json().diagrams;
}

describe.skipIf(externalUrl !== undefined)("jobs", () => {
  it("give what the same request gives at once", async () => {
    const { api } = await start();
    const points = randomPoints(30, 2, 201);
    const id = await submit(api, { points });
    expect(await ended(api, id)).toMatchObject({ status: "succeeded", attempt: 1 });
    expect(await diagramsOf(api, id)).toEqual(computed(await api.compute({ points })).diagrams);
  });

  it("are cancelled while they run", async () => {
    const { api } = await start();
    const id = await submit(api, endlessWork(202));
    await running(api, id);
    refused(await api.get(`/v1/jobs/${id}/result`), 409, "job_not_finished");
    await api.post(`/v1/jobs/${id}/cancel`, "");
    expect(await ended(api, id)).toMatchObject({ status: "cancelled" });
    refused(await api.get(`/v1/jobs/${id}/result`), 409, "job_cancelled");
  });

  it("outlive kill -9 of every process: each ends once, with its result", async () => {
    const dataDir = newFolder();
    const first = await start(dataDir);
    const inputs = [longWork(203), ...Array.from({ length: 20 }, (_, n) => ({ points: randomPoints(20, 2, 210 + n) }))];
    const ids = await Promise.all(inputs.map((input) => submit(first.api, input)));
    await running(first.api, ids[0]!);
    const tree = first.product.tree();
    for (const { pid } of tree) signalQuietly(pid, "SIGKILL");
    await first.product.ended;
    await until("all of them to be gone", () => survivors(tree).length === 0);

    const { api } = await start(dataDir);
    for (const [index, id] of ids.entries()) {
      expect(await ended(api, id)).toMatchObject({
        status: "succeeded",
        attempt: index === 0 ? 2 : expect.any(Number),
      });
      expect(await diagramsOf(api, id)).toEqual(computed(await api.compute(inputs[index]!)).diagrams);
    }
    const { items } = (await api.get("/v1/jobs?limit=100")).json<{ items: Job[] }>();
    expect(items.map(({ job_id }) => job_id).toSorted()).toEqual(ids.toSorted());
  });
});
