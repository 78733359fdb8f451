import { connect } from "node:net";
import { Admin } from "@platformatic/kafka";
import { afterAll, beforeAll, expect, it } from "vitest";
import { aliveBrokers } from "./kafka/alive-brokers.ts";
import { type Stack, startStack } from "./stack/start-stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ job: null, brokers: 1, servers: 2 });
}, 180_000);
afterAll(() => stack.stop());

it("has servers that are one platform: the first one's key is known to the other", async () => {
  const [first, second] = stack.servers;
  const answer = await fetch(`${second!.url}/v1/compute/vietoris-rips`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": first!.apiKey },
    body: JSON.stringify({
      points: [
        [0, 0],
        [1, 0],
      ],
    }),
  });
  expect(await answer.json()).toHaveProperty("diagrams");
  expect(answer.status).toBe(200);
});

it("has their settings for all services, and the topics and schemas of events", async () => {
  expect(stack.unused).toEqual([]);
  const { kafka, registry } = stack.services;
  const admin = new Admin({ clientId: "test", bootstrapBrokers: kafka.bootstrapServers.split(",") });
  try {
    expect(await admin.listTopics()).toEqual(expect.arrayContaining(["tda_events", "tda_results", "tda_jobs"]));
  } finally {
    await admin.close();
  }
  const subjects = (await (await fetch(`${registry.url}/subjects`)).json()) as string[];
  expect(subjects).toEqual(expect.arrayContaining(["tda_events-value", "tda_results-value", "tda_jobs-value"]));
});

it("goes on with one server when the other was killed with -9, and has it back on its port", async () => {
  const [first, second] = stack.servers;
  const { url } = first!;
  await first!.kill();
  expect((await fetch(`${second!.url}/health/ready`)).status).toBe(200);
  await first!.restart();
  expect(first!.url).toBe(url);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
});

it("leaves nothing at its end", async () => {
  const ports = [...stack.servers, stack.services.postgres, stack.services.registry].map(({ port }) => port);
  const [broker] = stack.services.kafka.brokers;
  await stack.stop();
  await expect(aliveBrokers(broker!.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  for (const port of ports) {
    const socket = connect(port, "127.0.0.1");
    const outcome = await new Promise((resolve) => {
      socket.on("connect", () => resolve("connected")).on("error", ({ message }) => resolve(message));
    });
    socket.destroy();
    expect(outcome).toMatch(/ECONNREFUSED/);
  }
});
