import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Services, startServices } from "./services.ts";

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

interface Where {
  readonly bootstrapBrokers: string[];
  readonly sasl?: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; username: string; password: string };
  readonly tls?: { ca: string };
}

const at = (bootstrapServers: string): Where => ({ bootstrapBrokers: bootstrapServers.split(",") });

async function newTopic(where: Where, topic: string, partitions = 1): Promise<void> {
  const admin = new Admin({ clientId: "test", ...where });
  try {
    await admin.createTopics({ topics: [topic], partitions, replicas: -1 });
  } finally {
    await admin.close();
  }
}

function newProducer(where: Where): Producer<string, string, string, string> {
  const producer = new Producer({
    clientId: "test",
    ...where,
    serializers: stringSerializers,
    idempotent: true,
    acks: -1,
    retries: 100,
    retryDelay: 200,
    requestTimeout: 5000,
  });
  toClose.push(() => producer.close());
  return producer;
}

/** Values of the topic's records, until there are as many. */
async function read(where: Where, topic: string, count: number): Promise<string[]> {
  const consumer = new Consumer({
    clientId: "test",
    groupId: `${topic}-${count}`,
    ...where,
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
  const values: string[] = [];
  for await (const { value } of stream) {
    values.push(value);
    if (values.length >= count) break;
  }
  await consumer.close(true);
  return values;
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => String(from + n));

describe("one broker", { timeout: 180_000 }, () => {
  let services: Services<{ kafka: { secure: true } }>;
  beforeAll(async () => {
    services = await startServices({ kafka: { secure: true } });
  }, 180_000);
  afterAll(() => services.stop());

  it("has after kill -9 and a restart what it acknowledged, on the same port", async () => {
    const where = at(services.kafka.bootstrapServers);
    await newTopic(where, "kept");
    const [broker] = services.kafka.brokers;
    await newProducer(where).send({ messages: numbers(0, 1000).map((value) => ({ topic: "kept", value })) });
    await broker!.kill();
    await broker!.restart();
    expect(await read(where, "kept", 1000)).toEqual(numbers(0, 1000));
  });

  it("makes no topic because somebody writes to it", async () => {
    const producer = new Producer({
      clientId: "test",
      ...at(services.kafka.bootstrapServers),
      serializers: stringSerializers,
      retries: 0,
    });
    toClose.push(() => producer.close());
    await expect(producer.send({ messages: [{ topic: "unknown", value: "1" }] })).rejects.toThrow();
  });

  it.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const)(
    "serves by TLS who knows the password, by %s, and nobody else",
    async (mechanism) => {
      const { bootstrapServers, username, password, ca } = services.kafka.secure!;
      const where = { ...at(bootstrapServers), sasl: { mechanism, username, password }, tls: { ca } };
      const topic = `secure-${mechanism}`;
      await newTopic(where, topic);
      await newProducer(where).send({ messages: [{ topic, value: "1" }] });
      expect(await read(where, topic, 1)).toEqual(["1"]);
      const list = async (other: Partial<Where>) => {
        const admin = new Admin({ clientId: "test", ...where, ...other, retries: 0 });
        toClose.push(() => admin.close());
        await admin.listTopics();
      };
      await expect(list({ sasl: { mechanism, username, password: "wrong" } })).rejects.toThrow();
      await expect(list({ tls: { ca: "" } }), "who does not trust its certificate").rejects.toThrow();
    },
  );
});

describe("three brokers", { timeout: 180_000 }, () => {
  let services: Services<{ kafka: { brokers: 3 } }>;
  let where: Where;
  beforeAll(async () => {
    services = await startServices({ kafka: { brokers: 3 } });
    where = at(services.kafka.bootstrapServers);
  }, 180_000);
  afterAll(() => services.stop());

  const describeTopic = async (topic: string) => {
    const admin = new Admin({ clientId: "test", ...where, retries: 20, retryDelay: 200 });
    toClose.push(() => admin.close());
    const metadata = await admin.metadata({ topics: [topic], forceUpdate: true });
    return metadata.topics.get(topic)!.partitions;
  };
  const inSync = async (topic: string) => (await describeTopic(topic)).map(({ isr }) => isr.length);

  it("keep every record three times, and take none that only one of them has", async () => {
    await newTopic(where, "replicated", 3);
    expect((await describeTopic("replicated")).map(({ replicas }) => replicas.length)).toEqual([3, 3, 3]);
    const admin = new Admin({ clientId: "test", ...where });
    toClose.push(() => admin.close());
    const [description] = await admin.describeConfigs({
      resources: [{ resourceType: 2, resourceName: "replicated" }],
      includeSynonyms: false,
      includeDocumentation: false,
    });
    const configs = Object.fromEntries(description!.configs.map(({ name, value }) => [name, value]));
    expect(configs).toMatchObject({ "min.insync.replicas": "2", "unclean.leader.election.enable": "false" });
  });

  it("go on when one is killed with -9, lose nothing, and are three again when it is back", async () => {
    await newTopic(where, "survives", 3);
    const producer = newProducer(where);
    const [victim] = services.kafka.brokers;
    const send = (from: number) =>
      producer.send({ messages: numbers(from, 100).map((value) => ({ topic: "survives", key: value, value })) });
    for (let from = 0; from < 2000; from += 100) {
      await send(from);
      if (from === 500) await victim!.kill();
    }
    const values = await read(where, "survives", 2000);
    expect(values.map(Number).sort((one, other) => one - other)).toEqual(numbers(0, 2000).map(Number));
    await victim!.restart();
    await services.kafka.allAlive();
    await expect.poll(() => inSync("survives"), { timeout: 60_000, interval: 250 }).toEqual([3, 3, 3]);
  });

  it("go on while one is frozen", async () => {
    await newTopic(where, "frozen", 3);
    const [, victim] = services.kafka.brokers;
    await victim!.freeze();
    await newProducer(where).send({
      messages: numbers(0, 300).map((value) => ({ topic: "frozen", key: value, value })),
    });
    await victim!.resume();
    expect(await read(where, "frozen", 300)).toHaveLength(300);
    await expect.poll(() => inSync("frozen"), { timeout: 60_000, interval: 250 }).toEqual([3, 3, 3]);
  });
});
