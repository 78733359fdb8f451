import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Admin, Consumer, Producer } from "@platformatic/kafka";
import type { StreamRejection } from "@tda-platform/contract/events/stream-rejection";
import { TOPICS } from "@tda-platform/contract/events/topics";
import { type FlinkCluster, type Services, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HttpSchemaRegistry } from "../../src/adapters/schema-registry/http-schema-registry.ts";
import { decodeAs, readingOf } from "../../src/domain/log/avro.ts";
import { RegistryCodec } from "../../src/domain/log/registry-codec.ts";

/*
 * The job as it is shipped, on Kafka, a registry and Flink: golden vectors written as the server writes them give the golden results. It needs
 * the jar, which the suite `streaming` builds first, and the engine.
 */
const root = join(import.meta.dirname, "..", "..", "..", "..");
const target = join(root, "streaming", "job", "target");
const engineHost = join(process.env.TDA_ENGINE_BUILD_DIR ?? join(root, "build", "engine"), "bin", "tda-engine-host");
const prefix = "tda_";
const HEADER_BYTES = 5;
const HOUR_MS = 3_600_000;

interface Vector {
  readonly name: string;
  readonly definitions: readonly (Record<string, unknown> & { readonly version: number })[];
  readonly records: readonly { readonly event: Record<string, unknown> & { readonly key: string } }[];
  readonly results: readonly string[];
  readonly rejected: readonly string[];
}

/** Each a stream of its own; those whose outcome hangs on when a definition comes are the unit tests'. */
function readVectors(): Vector[] {
  const folder = join(root, "streaming", "golden");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && name !== "partitioner.json")
    .map(
      (name) => ({ name, ...JSON.parse(readFileSync(join(folder, name), "utf8")) }) as Vector & Record<string, unknown>,
    )
    .filter((vector) => !("definitions_known_after" in vector) && !("deleted_after" in vector));
}

function eventOf({ body_hash: hash, points, ...event }: Record<string, unknown>): never {
  const numbers = (points as { v: (number | string)[] }[]).map((point) => ({ ...point, v: point.v.map(Number) }));
  return { ...event, points: numbers, body_hash: Buffer.from(hash as string, "hex") } as never;
}

interface Written {
  readonly key: string;
  readonly value: Buffer;
  /** Avro binary, without the registry's header. */
  readonly hex: string;
  readonly headers: ReadonlyMap<string, string>;
}

let services: Services<{ kafka: true; registry: true; flink: true }>;
let flink: FlinkCluster;
let codec: RegistryCodec;
let job: string;
const where = () => ({ clientId: "test", bootstrapBrokers: services.kafka.bootstrapServers.split(",") });

beforeAll(async () => {
  services = await startServices({ kafka: true, registry: true, flink: { env: { TDA_ENGINE_HOST: engineHost } } });
  flink = services.flink;
  const admin = new Admin(where());
  for (const [name, { partitions, isCompacted }] of Object.entries(TOPICS)) {
    const configs = isCompacted ? [{ name: "cleanup.policy", value: "compact" }] : [];
    await admin.createTopics({ topics: [prefix + name], partitions, replicas: 1, configs });
  }
  await admin.close();
  const logger = { warn: () => undefined } as never;
  codec = new RegistryCodec({ registry: new HttpSchemaRegistry({ url: services.registry.url }), prefix, logger });
  await codec.ready();
  job = await submit();
});

afterAll(async () => {
  await codec?.close();
  await services?.stop();
});

async function submit(
  options: { readonly savepoint?: string; readonly parallelism?: number } = {},
  more: readonly string[] = [],
): Promise<string> {
  const jar = readdirSync(target).find((name) => name.endsWith("-job.jar"));
  if (jar === undefined) throw new Error("There is no jar of the job: node tools/test.mjs streaming builds it.");
  const args = ["--bootstrap-servers", services.kafka.bootstrapServers, "--registry-url", services.registry.url];
  args.push("--engine-hosts", "1", "--checkpoint-interval-ms", "1000", ...more);
  const id = await flink.client.submitJob(join(target, jar), args, options);
  await flink.client.running(id, 120_000);
  return id;
}

async function send(topic: keyof typeof TOPICS, messages: readonly { key: string; value: Buffer }[]): Promise<void> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({ ...where(), acks: -1, idempotent: true });
  await producer.send({
    messages: messages.map(({ key, value }) => ({ topic: prefix + topic, key: Buffer.from(key), value })),
  });
  await producer.close();
}

/** Records of a topic from its first on, until that is enough. */
async function readUntil(
  topic: keyof typeof TOPICS,
  isEnough: (written: readonly Written[]) => boolean,
): Promise<Written[]> {
  const groupId = `test-${randomUUID()}`;
  const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({ ...where(), groupId });
  const stream = await consumer.consume({ topics: [prefix + topic], mode: "earliest", autocommit: false });
  const written: Written[] = [];
  for await (const { key, value, headers } of stream) {
    const texts = new Map([...headers].map(([name, text]) => [String(name), String(text)]));
    const hex = (value as Buffer).subarray(HEADER_BYTES).toString("hex");
    written.push({ key: String(key), value: value as Buffer, hex, headers: texts });
    if (isEnough(written)) break;
  }
  await consumer.close(true);
  return written;
}

/** How often each value was written, as hex. */
function timesOf(written: readonly Written[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { hex } of written) times.set(hex, (times.get(hex) ?? 0) + 1);
  return times;
}

/** Once all of these values were written so often. What comes between a savepoint and the end of its job is written again. */
function readAll(topic: keyof typeof TOPICS, values: readonly string[], times = 1): Promise<Written[]> {
  return readUntil(topic, (written) => {
    const counts = timesOf(written);
    return values.every((value) => (counts.get(value) ?? 0) >= times);
  });
}

async function until(topic: keyof typeof TOPICS, isIt: (one: Written) => boolean): Promise<Written> {
  return (await readUntil(topic, (written) => isIt(written.at(-1)!))).at(-1)!;
}

/** Values by key, each where it was first. */
function byKey(written: readonly Written[]): string[][] {
  const keys = new Map<string, Set<string>>();
  for (const { key, hex } of written) keys.set(key, (keys.get(key) ?? new Set()).add(hex));
  return [...keys.values()].map((values) => [...values]);
}

/** A rejection as text, without the place of its record, which the log gives. */
function rejectionOf(hex: string): string {
  const { schema } = TOPICS.rejected;
  const { origin, ...rest } = decodeAs(readingOf(schema, schema), Buffer.from(hex, "hex"), 0) as StreamRejection;
  return JSON.stringify([origin.replace(/^record:\d+:\d+:/, "record:"), rest]);
}

describe("the Flink job", () => {
  const vectors = readVectors();
  const expected: Record<"results" | "rejected", string[]> = { results: [], rejected: [] };
  const nameOf = (number: number) => `str_flk${String(number).padStart(3, "0")}`;

  it("gives the golden results of all vectors at once, across a savepoint and another parallelism", async () => {
    // Of the length of the vectors' own, so that the golden bytes are those of the name in its place.
    expect(nameOf(0)).toHaveLength("str_golden".length);
    const hex = (text: string) => Buffer.from(text).toString("hex");
    const definitions: { key: string; value: Buffer }[] = [];
    const events: { key: string; value: Buffer }[][] = [];
    vectors.forEach((vector, number) => {
      const name = nameOf(number);
      for (const definition of vector.definitions) {
        // No clock of the runner's: the vectors have their own flushes.
        const still = { idle_timeout_ms: HOUR_MS, key_ttl_ms: HOUR_MS };
        const value = codec.encode("streams", { ...definition, ...still, stream_id: name } as never);
        definitions.push({ key: `${name}\n${definition.version}`, value: Buffer.from(value) });
      }
      events.push(
        vector.records.map(({ event }) => ({
          key: `${name}\n${event.key}`,
          value: Buffer.from(codec.encode("events", { ...(eventOf(event) as object), stream_id: name } as never)),
        })),
      );
      for (const kind of ["results", "rejected"] as const) {
        expected[kind].push(...vector[kind].map((text) => text.replaceAll(hex("str_golden"), hex(name))));
      }
    });
    // Events first: they wait for their definitions.
    await send(
      "events",
      events.flatMap((records) => records.slice(0, 2)),
    );
    await send("streams", definitions);
    await readUntil("results", ({ length }) => length >= 20);
    const savepoint = await flink.client.stopWithSavepoint(job);
    await send(
      "events",
      events.flatMap((records) => records.slice(2)),
    );
    job = await submit({ savepoint, parallelism: 2 });

    const results = await readAll("results", expected.results);
    const keys = byKey(results);
    expect(keys.flat().sort()).toEqual([...expected.results].sort());
    for (const values of keys) {
      expect(expected.results.filter((text) => values.includes(text))).toEqual(values);
    }
    const rejected = await readUntil("rejected", (written) => timesOf(written).size >= expected.rejected.length);
    const found = byKey(rejected).flat().map(rejectionOf).sort();
    expect(found).toEqual(expected.rejected.map(rejectionOf).sort());
    for (const { headers } of results) {
      expect(headers.get("ce_type")).toBe("stream.result");
      expect(headers.get("ce_id")).toMatch(/#window:/);
    }
  });

  it("goes on after a record that nobody can decode, and says what it was", async () => {
    const broken = Buffer.from("not in the wire format");
    await send("events", [{ key: "str_broken\nk", value: broken }]);
    const found = await until("rejected", ({ key }) => key === "str_broken\nk");
    const { raw, ...rejection } = await codec.decode("rejected", found.value);
    expect(rejection).toMatchObject({
      stream_id: "str_broken",
      key: "k",
      reason: "poison",
      code: "undecodable_record",
    });
    expect(Buffer.from(raw ?? []).toString()).toBe(broken.toString());
    expect(await flink.client.jobState(job)).toBe("RUNNING");
  });

  it("writes in transactions where it is told to, and refuses limits that would lose them", async () => {
    await flink.client.cancel(job);
    const delivery = ["--delivery", "exactly_once", "--group", "in-transactions", "--checkpoint-timeout-ms", "30000"];
    const tooLong = submit({}, [...delivery, "--transaction-timeout-ms", "1000000"]);
    await expect(tooLong).rejects.toThrow("transaction.max.timeout.ms");
    job = await submit({}, delivery);
    // From the first record on: the same bytes again, seen once a checkpoint has ended their transaction.
    const times = timesOf(await readAll("results", expected.results, 2));
    expect([...times.keys()].sort()).toEqual([...new Set(expected.results)].sort());
  });
});
