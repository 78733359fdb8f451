import { TOPICS } from "@tda-platform/contract/events/topics";
import { type Services, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DependencyUnavailable } from "../../domain/errors.ts";
import type { LogRecord } from "../../domain/log/event-log.ts";
import { silent } from "../database/testing/records.ts";
import type { KafkaConnection } from "./kafka-connection.ts";
import { KafkaEventLog } from "./kafka-event-log.ts";
import { applyTopics } from "./kafka-topics.ts";

/** Three brokers of which one is killed under load: what was acknowledged is there, and of each key in its order. */

let services: Services<{ kafka: { brokers: 3 } }>;
let log: KafkaEventLog;
beforeAll(async () => {
  services = await startServices({ kafka: { brokers: 3 } });
  const connection: KafkaConnection = {
    bootstrapServers: services.kafka.bootstrapServers.split(","),
    prefix: "tda_",
    compression: "none",
    sasl: null,
    tls: null,
  };
  const applied = await applyTopics(connection, { replicas: null, isDryRun: false });
  expect(applied.every(({ replicas, settings }) => replicas === 3 && settings.includes("min.insync.replicas=2"))).toBe(
    true,
  );
  log = new KafkaEventLog({ connection, requireLeases: async () => undefined, logger: silent });
}, 300_000);
afterAll(async () => {
  await log?.close();
  await services?.stop();
});

const KEYS = 24;
const AFTER_KILL = 20;

it("goes on when a broker is killed", async () => {
  const acknowledged = new Map<string, number[]>();
  let isKilled = false;
  /** Sends the next number of its key until that is acknowledged: the same again where the outcome is unknown. */
  const write = async (key: string): Promise<void> => {
    const sent: number[] = [];
    acknowledged.set(key, sent);
    for (let n = 0, left = AFTER_KILL; left > 0; ) {
      try {
        await log.append([{ topic: "jobs", key, value: Buffer.from(String(n)), headers: {} }]);
        sent.push(n++);
        if (isKilled) left -= 1;
      } catch (error) {
        expect(error).toBeInstanceOf(DependencyUnavailable);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const writing = Promise.all(Array.from({ length: KEYS }, (_, i) => write(`key ${i}`)));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await services.kafka.brokers[1]!.kill();
  isKilled = true;
  await writing;
  const records = await allRecords();
  for (const [key, sent] of acknowledged) {
    const found = records.filter((record) => record.key === key).map(({ value }) => Number(String(value)));
    // What was sent again may be there again, after what it repeats.
    const fresh = found.filter((n, at) => n > Math.max(-1, ...found.slice(0, at)));
    expect(fresh, key).toEqual(sent);
    expect(
      found.every((n, at) => at === 0 || n >= found[at - 1]!),
      key,
    ).toBe(true);
  }
}, 240_000);

async function allRecords(): Promise<readonly LogRecord[]> {
  const all: LogRecord[] = [];
  const options = { maxRecords: 1_000, maxBytes: 1e6, waitMs: 0, signal: new AbortController().signal };
  for (let partition = 0; partition < TOPICS.jobs.partitions; partition++) {
    const { next } = await log.bounds("jobs", partition);
    for (let offset = 0; offset < next; ) {
      const records = await log.read("jobs", partition, offset, options);
      all.push(...records);
      offset = (records.at(-1)?.offset ?? offset) + 1;
    }
  }
  return all;
}
