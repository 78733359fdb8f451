import { join } from "node:path";
import type { JobEvent } from "@tda-platform/contract/events/job-event";
import { TOPICS } from "@tda-platform/contract/events/topics";
import type { Job } from "@tda-platform/contract/jobs";
import type { Dependencies } from "@tda-platform/contract/service-schemas";
import { type Services, serverEnvironment, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../test/support/test-bed.ts";
import { silent } from "../adapters/database/testing/records.ts";
import { type TemporaryDir, temporaryDir } from "../adapters/database/testing/temporary-dir.ts";
import { KafkaEventLog } from "../adapters/kafka/kafka-event-log.ts";
import { HttpSchemaRegistry } from "../adapters/schema-registry/http-schema-registry.ts";
import { loadSettings } from "../config/settings.ts";
import { RegistryCodec } from "../domain/log/registry-codec.ts";
import { applyEventTopics } from "./event-topics.ts";
import { kafkaConnection } from "./kafka-connection.ts";
import { type ServerProcess, startServerProcess } from "./testing/server-process.ts";

/** A server with Kafka and a registry, as an operator starts it. */

let services: Services<{ kafka: true; registry: true }>;
let dir: TemporaryDir;
let server: ServerProcess;
let url: string;
let log: KafkaEventLog;
let codec: RegistryCodec;

beforeAll(async () => {
  services = await startServices({ kafka: true, registry: true });
  dir = await temporaryDir(0o755);
  const env = { ...serverEnvironment(services.addresses).values };
  await applyEventTopics(env, { replicas: null, isDryRun: false });
  server = startServerProcess({
    ...env,
    TDA_DATA_DIR: join(dir.path, "data"),
    TDA_DATABASE_SYSTEM_DIR: join(dir.path, "system"),
  });
  url = (await server.said).url;
  log = new KafkaEventLog({
    connection: kafkaConnection(loadSettings(env))!,
    requireLeases: async () => undefined,
    logger: silent,
  });
  codec = new RegistryCodec({
    registry: new HttpSchemaRegistry({ url: services.registry.url }),
    prefix: "tda_",
    logger: silent,
  });
  await codec.ready();
}, 300_000);
afterAll(async () => {
  server?.child.kill("SIGTERM");
  await server?.ended;
  await log?.close();
  await codec?.close();
  await services?.stop();
  await dir?.remove();
});

const points = () => Array.from({ length: 6 }, () => [Math.random(), Math.random()]);
const post = (path: string, body: object) =>
  fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const submit = async () => {
  const answer = await post("/v1/jobs/compute", { algorithm: "vietoris-rips", input: { points: points() } });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as Job).job_id;
};
const logStatus = async () => {
  const { dependencies } = (await (await fetch(`${url}/health/dependencies`)).json()) as Dependencies;
  return dependencies.find(({ name }) => name === "log")!;
};

async function recordsOf(topic: "jobs" | "computations") {
  const all = [];
  for (let partition = 0; partition < TOPICS[topic].partitions; partition++) {
    const options = { maxRecords: 10_000, maxBytes: 1e7, waitMs: 0, signal: new AbortController().signal };
    all.push(...(await log.read(topic, partition, 0, options)));
  }
  return all;
}

async function eventsOf(jobId: string): Promise<readonly JobEvent[]> {
  const own = (await recordsOf("jobs")).filter(({ key }) => key === jobId);
  return await Promise.all(own.map(({ value }) => codec.decode("jobs", value!)));
}
const isDone = (events: readonly JobEvent[]) => events.at(-1)?.type === "job.completed" && events;

it("tells in Kafka what happens to jobs and computations", async () => {
  const jobId = await submit();
  const events = await until(async () => isDone(await eventsOf(jobId)));
  expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
  const answer = await post("/v1/compute/vietoris-rips", { points: points() });
  const id = answer.headers.get("tda-computation-id") ?? ((await answer.json()) as { id?: string }).id;
  const computations = await until(async () => {
    const records = await recordsOf("computations");
    return records.length > 0 && Promise.all(records.map(({ value }) => codec.decode("computations", value!)));
  });
  expect(computations).toContainEqual(expect.objectContaining({ status: "succeeded", algorithm: "vietoris-rips" }));
  expect(id === undefined || computations.some(({ computation_id }) => computation_id === id)).toBe(true);
  expect(await logStatus()).toMatchObject({ status: "up", kind: "kafka", required: false, circuit: "closed" });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^tda_kafka_messages_produced\{topic="jobs",status="acknowledged"\} [1-9]/m);
  expect(metrics).toMatch(/^tda_outbox_backlog \d/m);
  expect(metrics).toMatch(/^tda_circuit_state\{dependency="log"\} 0$/m);
});

it("goes on while Kafka is away, and tells afterwards", async () => {
  const [broker] = services.kafka.brokers;
  await broker!.kill();
  const jobId = await submit();
  await until(async () => ((await (await fetch(`${url}/v1/jobs/${jobId}`)).json()) as Job).status === "succeeded");
  await until(async () => (await logStatus()).status === "degraded");
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  await until(async () =>
    / [1-9]/.test(/^tda_outbox_backlog .*$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[0] ?? ""),
  );
  await broker!.restart();
  const events = await until(async () => isDone(await eventsOf(jobId).catch(() => [])));
  let seen = 0;
  for (const { version } of events) {
    expect(version).toBeLessThanOrEqual(seen + 1);
    seen = Math.max(seen, version);
  }
  await until(async () => (await logStatus()).status === "up");
}, 120_000);
