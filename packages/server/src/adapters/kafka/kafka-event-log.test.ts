import { type Services, startServices } from "@tda-platform/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DependencyUnavailable } from "../../domain/errors.ts";
import { LeaseLost } from "../../domain/log/partition-leases.ts";
import { silent } from "../database/testing/records.ts";
import { itIsAnEventLog } from "../event-log/testing/conformance.ts";
import type { KafkaConnection } from "./kafka-connection.ts";
import { KafkaEventLog } from "./kafka-event-log.ts";
import { applyTopics } from "./kafka-topics.ts";

const plain = (bootstrapServers: string, more: Partial<KafkaConnection> = {}): KafkaConnection => ({
  bootstrapServers: bootstrapServers.split(","),
  prefix: "tda_",
  compression: "lz4",
  sasl: null,
  tls: null,
  ...more,
});
const open = (connection: KafkaConnection, lost: readonly number[] = []) =>
  new KafkaEventLog({
    connection,
    requireLeases: async (leases) => {
      if (leases.some(({ epoch }) => lost.includes(epoch))) throw new LeaseLost("lost");
    },
    logger: silent,
  });

let services: Services<{ kafka: { secure: true } }>;
beforeAll(async () => {
  services = await startServices({ kafka: { secure: true } });
}, 240_000);
afterAll(() => services?.stop());

describe("the log in Kafka", () => {
  itIsAnEventLog(async () => {
    const connection = plain(services.kafka.bootstrapServers);
    await applyTopics(connection, { replicas: null, isDryRun: false });
    const [log, other] = [open(connection), open(connection)];
    return { log, other, close: async () => void (await Promise.all([log.close(), other.close()])) };
  });
});

const message = (text: string) => ({ topic: "jobs", key: "k", value: Buffer.from(text), headers: {} }) as const;
const never = new AbortController().signal;

it("is reached with a name and a password over TLS, and not with a wrong one", async () => {
  const { bootstrapServers, username, password, ca } = services.kafka.secure!;
  for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
    const log = open(plain(bootstrapServers, { sasl: { mechanism, username, password }, tls: { ca } }));
    expect((await log.append([message("secret")]))[0]!.offset).toBeGreaterThanOrEqual(0);
    await log.close();
  }
  const wrong = open(plain(bootstrapServers, { sasl: { mechanism: "PLAIN", username, password: "no" }, tls: { ca } }));
  await expect(wrong.append([message("secret")])).rejects.toThrow(DependencyUnavailable);
  await wrong.close();
  const untrusted = open(
    plain(bootstrapServers, { sasl: { mechanism: "PLAIN", username, password }, tls: { ca: null } }),
  );
  await expect(untrusted.append([message("secret")])).rejects.toThrow(DependencyUnavailable);
  await untrusted.close();
});

it("appends nothing under a lease that is lost", async () => {
  const log = open(plain(services.kafka.bootstrapServers), [1]);
  const lease = { group: "relay", topic: "outbox", partition: 0, epoch: 1 };
  await expect(log.append([message("late")], [lease])).rejects.toThrow(LeaseLost);
  await log.append([message("in time")], [{ ...lease, epoch: 2 }]);
  await log.close();
});

it("says that it is away while the broker is, at once after a few calls, and goes on when it is back", async () => {
  const log = open(plain(services.kafka.bootstrapServers));
  const [before] = await log.append([message("before")]);
  const [broker] = services.kafka.brokers;
  await broker!.kill();
  while (log.circuit !== "open") await expect(log.bounds("jobs", 0)).rejects.toThrow(DependencyUnavailable);
  await expect(log.append([message("refused")])).rejects.toThrow("does not answer");
  await broker!.restart();
  for (;;) {
    try {
      await log.append([message("after")]);
      break;
    } catch (error) {
      expect(error).toBeInstanceOf(DependencyUnavailable);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const { partition, offset } = before!;
  const options = { maxRecords: 10, maxBytes: 1e6, waitMs: 1_000, signal: never };
  const texts = (await log.read("jobs", partition, offset, options)).map(({ value }) => String(value));
  expect(texts[0]).toBe("before");
  expect(texts).toContain("after");
  expect(texts).not.toContain("refused");
  await log.close();
});
