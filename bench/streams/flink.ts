// The Flink job on points that are in Kafka already, with the engine and without it.
import { setTimeout as sleep } from "node:timers/promises";
import { recordKey } from "@tda-platform/contract/events/topics";
import { KafkaEventLog } from "../../packages/server/src/adapters/kafka/kafka-event-log.ts";
import { HttpSchemaRegistry } from "../../packages/server/src/adapters/schema-registry/http-schema-registry.ts";
import { RegistryCodec } from "../../packages/server/src/domain/log/registry-codec.ts";
import { createLogger } from "../../packages/server/src/internal/logger.ts";
import type { Stack } from "../../tools/services/stack/start-stack.ts";
import type { Throughput, ThroughputRow } from "./embedded.ts";
import { definitionOf, eventsOf } from "./log-records.ts";
import { makeTopics } from "./make-topics.ts";
import type { BenchSettings } from "./settings.ts";

const windowPoints = 50;
const keys = 400;
const waitLimitMs = 100_000;
const logger = createLogger({ level: "silent", format: "json" });

/** No other job runs. */
export async function measureFlink(stack: Stack, jar: string, settings: BenchSettings): Promise<ThroughputRow[]> {
  // Many times the 512 windows that wait for the engine at once, whose results may come in one go.
  const kinds = [
    { how: "Flink without the engine", engine: ["--engine-host", "none"], points: 10 * settings.points },
    { how: "Flink with the engine", engine: [], points: 2 * settings.points },
  ];
  const rows: ThroughputRow[] = [];
  for (const { how, engine, points } of kinds) {
    const rounds: Throughput[] = [];
    // A round is a job of its own, which has to be compiled anew: one is enough, its second half counts.
    const prefix = `flink${rows.length}_`;
    rounds.push({ pointsPerSecond: await measureJob(stack, jar, prefix, points, engine), processorMicroseconds: null });
    settings.log(`${how}: ${rounds.map(({ pointsPerSecond }) => pointsPerSecond.toFixed(0)).join(" ")} points/s`);
    rows.push({ how, rounds });
  }
  return rows;
}

async function measureJob(
  { services, flink }: Stack,
  jar: string,
  prefix: string,
  points: number,
  more: readonly string[],
): Promise<number> {
  const { bootstrapServers } = services.kafka;
  const connection = {
    bootstrapServers: bootstrapServers.split(","),
    prefix,
    compression: "lz4",
    sasl: null,
    tls: null,
  } as const;
  await makeTopics(connection);
  const codec = new RegistryCodec({ registry: new HttpSchemaRegistry({ url: services.registry.url }), prefix, logger });
  await codec.ready();
  const log = new KafkaEventLog({ connection, requireLeases: async () => undefined, logger });
  const { client } = flink!;
  let job: string | null = null;
  try {
    await fill(log, codec, points);
    job = await client.submitJob(jar, [
      ...["--bootstrap-servers", bootstrapServers, "--registry-url", services.registry.url],
      ...["--prefix", prefix, "--group", `${prefix}bench`, ...more],
    ]);
    await client.running(job);
    await untilWritten(log, points / windowPoints);
    return rateOf(await timesOf(log)) * windowPoints;
  } finally {
    if (job !== null) await client.cancel(job).catch(() => undefined);
    await log.close();
  }
}

async function fill(log: KafkaEventLog, codec: RegistryCodec, points: number): Promise<void> {
  const definition = definitionOf();
  const { stream_id: id } = definition;
  const value = codec.encode("streams", definition);
  await log.append([{ topic: "streams", key: recordKey(id, "1"), value, headers: {} }]);
  const messages = eventsOf(points, keys).map((event) => ({
    ...{ topic: "events" as const, key: recordKey(id, event.key), value: codec.encode("events", event), headers: {} },
  }));
  for (let at = 0; at < messages.length; at += 2_000) await log.append(messages.slice(at, at + 2_000));
}

async function untilWritten(log: KafkaEventLog, windows: number): Promise<void> {
  let written = 0;
  for (const end = Date.now() + waitLimitMs; Date.now() < end; await sleep(200)) {
    written = 0;
    for (let partition = 0; partition < (await log.partitions("results")); partition++) {
      written += (await log.bounds("results", partition)).next;
    }
    if (written >= windows) return;
  }
  throw new Error(`the job wrote ${written} of ${windows} results in ${waitLimitMs / 1000} s`);
}

/** When each result was written, ascending. */
async function timesOf(log: KafkaEventLog): Promise<number[]> {
  const times: number[] = [];
  const options = { maxRecords: 5_000, maxBytes: 16_777_216, waitMs: 1_000, signal: new AbortController().signal };
  for (let partition = 0; partition < (await log.partitions("results")); partition++) {
    const { next } = await log.bounds("results", partition);
    for (let offset = 0; offset < next; ) {
      const records = await log.read("results", partition, offset, options);
      times.push(...records.map(({ timestampMs }) => timestampMs));
      offset = (records.at(-1)?.offset ?? next) + 1;
    }
  }
  return times.sort((a, b) => a - b);
}

/** Results a second from the time at which half of them had been written. */
function rateOf(times: readonly number[]): number {
  const half = Math.floor(times.length / 2);
  return (times.length - half) / ((times.at(-1)! - times[half]!) / 1000);
}
