import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TOPICS } from "@tda-platform/contract/events/topics";
import { type Services, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTda, type TdaEnd, temporaryFolder } from "./run-tda.ts";

const folder = temporaryFolder();
let services: Services<{ kafka: true; registry: true }>;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  services = await startServices({ kafka: true, registry: true });
  env = { KAFKA_BOOTSTRAP_SERVERS: services.kafka.bootstrapServers, TDA_SCHEMA_REGISTRY_URL: services.registry.url };
}, 300_000);
afterAll(() => services?.stop());

const tda = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<TdaEnd> =>
  runTda(args, folder, { env: { ...env, ...more } });
const outcomes = ({ stdout }: TdaEnd) =>
  (JSON.parse(stdout) as { name: string; outcome: string; partitions: number }[]).map(({ name, outcome }) => [
    name,
    outcome,
  ]);
const names = Object.keys(TOPICS).map((topic) => `tda_${topic}`);

it("makes the topics, once, and tells first", async () => {
  const dry = await tda(["topics", "apply", "--dry-run", "--json"]);
  expect(outcomes(dry)).toEqual(names.map((name) => [name, "created"]));
  const made = await tda(["topics", "apply", "--json"]);
  expect(made.stderr).toBe("");
  expect(outcomes(made)).toEqual(names.map((name) => [name, "created"]));
  expect(outcomes(await tda(["topics", "apply", "--json"]))).toEqual(names.map((name) => [name, "unchanged"]));
  const table = await tda(["topics", "apply"]);
  expect(table.stdout).toMatch(/^topic +partitions +replicas +is/);
  expect(table.stdout).toMatch(/^tda_events +16 +1 +unchanged$/m);
});

it("mends settings that differ, and refuses another number of partitions before it changes anything", async () => {
  const { Admin, ConfigResourceTypes } = await import("@platformatic/kafka");
  const admin = new Admin({ clientId: "test", bootstrapBrokers: services.kafka.bootstrapServers.split(",") });
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: "tda_jobs" };
  const setRetention = (value: string) =>
    admin.incrementalAlterConfigs({
      resources: [{ ...resource, configs: [{ name: "retention.ms", configOperation: 0, value }] }],
    });
  await setRetention("1000");
  expect(outcomes(await tda(["topics", "apply", "--json"]))).toContainEqual(["tda_jobs", "changed"]);
  const [jobs] = await admin.describeConfigs({ resources: [resource] });
  expect(jobs!.configs.find(({ name }) => name === "retention.ms")!.value).toBe(String(7 * 86_400_000));
  await admin.createTopics({ topics: [{ topic: "other_events", partitions: 3, replicas: 1 }] });
  const refused = await tda(["topics", "apply"], { KAFKA_TOPIC_PREFIX: "other_" });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("other_events has 3 partitions")]);
  expect((await admin.listTopics()).filter((name) => name.startsWith("other_"))).toEqual(["other_events"]);
  await admin.close();
});

it("registers the schemas, and finds them there", async () => {
  expect((await tda(["schemas", "check"])).stdout).toMatch(/^tda_jobs-value +JobEvent +0 versions +none$/m);
  const registered = await tda(["schemas", "register", "--json"]);
  expect(registered.stderr).toBe("");
  const ids = (JSON.parse(registered.stdout) as { id: number }[]).map(({ id }) => id);
  expect(new Set(ids).size).toBe(names.length);
  expect(JSON.parse((await tda(["schemas", "register", "--json"])).stdout)).toEqual(JSON.parse(registered.stdout));
  expect((await tda(["schemas", "check"])).stdout).toMatch(
    /^tda_jobs-value +JobEvent +1 versions, this one among them/m,
  );
});

it("fails where a registered version, or the last release, is not read, and names the field", async () => {
  const { schema } = TOPICS.jobs;
  // As if an earlier release had written the field as text.
  const fields = schema.fields.map((field) => (field.name === "attempt" ? { ...field, type: "string" } : field));
  const earlier = { ...schema, fields };
  const answer = await fetch(`${services.registry.url}/subjects/old_jobs-value/versions`, {
    method: "POST",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify({ schema: JSON.stringify(earlier) }),
  });
  expect(answer.status).toBe(200);
  for (const command of ["check", "register"]) {
    const checked = await tda(["schemas", command], { KAFKA_TOPIC_PREFIX: "old_" });
    expect([checked.code, checked.stderr]).toEqual([1, expect.stringContaining("JobEvent.attempt")]);
  }
  writeFileSync(join(folder, "JobEvent.avsc"), JSON.stringify(earlier));
  const released = await tda(["schemas", "check", "--released", folder]);
  expect([released.code, released.stderr]).toEqual([
    1,
    expect.stringContaining("JobEvent.attempt was written as string, and is read as int"),
  ]);
});

it("says what is missing", async () => {
  const nothing = { KAFKA_BOOTSTRAP_SERVERS: "", TDA_SCHEMA_REGISTRY_URL: "" };
  for (const args of [
    ["topics", "apply"],
    ["schemas", "register"],
  ]) {
    const end = await tda(args, nothing);
    expect([end.code, end.stderr]).toEqual([1, expect.stringContaining("is not set")]);
  }
  const gone = await tda(["schemas", "check"], { TDA_SCHEMA_REGISTRY_URL: "http://127.0.0.1:1" });
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("registry")]);
});
