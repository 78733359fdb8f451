import { randomUUID } from "node:crypto";
import { Consumer } from "@platformatic/kafka";
import { expect, it } from "vitest";
import { endedJob } from "../support/jobs.ts";
import { until } from "../support/poll.ts";
import { target } from "../support/product.ts";

const brokers = process.env.TDA_ACCEPTANCE_KAFKA!.split(",");

interface Written {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Records of a topic from its first on, as any program sees them, until it is enough. */
async function readUntil(topic: string, isEnough: (written: readonly Written[]) => boolean): Promise<Written[]> {
  const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
    clientId: "acceptance",
    groupId: `acceptance-${randomUUID()}`,
    bootstrapBrokers: brokers,
  });
  try {
    const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
    const written: Written[] = [];
    for await (const { key, headers } of stream) {
      written.push({
        key: String(key),
        headers: Object.fromEntries([...headers].map(([name, text]) => [String(name), String(text)])),
      });
      if (isEnough(written)) break;
    }
    return written;
  } finally {
    await consumer.close(true);
  }
}

it("tells in Kafka what happens to a job, in order", async () => {
  const { api } = await target();
  const input = { points: Array.from({ length: 9 }, (_, i) => [Math.cos(i), Math.sin(i)]) };
  const { job_id: id } = (await api.post("/v1/jobs/compute", { algorithm: "vietoris-rips", input })).json<{
    job_id: string;
  }>();
  expect(await endedJob(api, id)).toMatchObject({ status: "succeeded" });
  const events = await readUntil(
    "tda_jobs",
    (written) => written.at(-1)!.key === id && written.at(-1)!.headers.ce_type === "job.completed",
  );
  const types = events.filter(({ key }) => key === id).map(({ headers }) => headers.ce_type);
  expect(types[0]).toBe("job.submitted");
  expect(types.indexOf("job.started")).toBeGreaterThan(0);
});

it("has results from Flink in Kafka, under the stream's key", async () => {
  const { api } = await target();
  const window = { type: "count", count: 3 };
  const created = await api.post("/v1/streams", { name: "in Kafka", point_dimension: 1, window });
  const { id } = created.json<{ id: string }>();
  const points = [1, 2, 4].map((x, t) => ({ t, v: [x], key: "k" }));
  expect((await api.post(`/v1/streams/${id}/points`, { points })).status).toBe(202);
  const isOurs = ({ key }: Written) => key === `${id}\nk`;
  const results = await readUntil("tda_results", (written) => written.some(isOurs));
  expect(results.find(isOurs)!.headers).toMatchObject({ ce_type: "stream.result", ce_specversion: "1.0" });
  const listed = await until("the result in the store", async () => {
    const { items } = (await api.get(`/v1/streams/${id}/results`)).json<{ items: object[] }>();
    return items.length > 0 && items;
  });
  expect(listed).toMatchObject([{ key: "k", points: 3, revision: 0 }]);
});
