import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { installJavaService } from "../java/install.mjs";
import { log4jProperties } from "../java/java-program.ts";
import type { Supervisor } from "../supervisor.ts";
import { aliveBrokers } from "./alive-brokers.ts";
import { KafkaBroker, type KafkaInstallation, kafkaProgram } from "./broker.ts";
import { makeKeyStore } from "./key-store.ts";
import { type BrokerPorts, type SecureListener, serverProperties } from "./server-properties.ts";

export interface KafkaOptions {
  /** Default 1. With 3, records have three replicas of which two must have acknowledged. */
  readonly brokers?: 1 | 3;
  /** Of each broker. Default 256; under 192 a broker may end for want of memory. */
  readonly heapMb?: number;
  /** For benchmarks: brokers that start slower and serve faster. Default false. */
  readonly forLongRun?: boolean;
  /** Another listener, by TLS and with a password. */
  readonly secure?: boolean;
  /** More lines of server.properties, for all brokers. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface KafkaAddresses {
  /** All brokers, comma-separated; no encryption, no password. */
  readonly bootstrapServers: string;
  readonly secure?: SecureKafka;
}

export interface SecureKafka {
  readonly bootstrapServers: string;
  /** Of the mechanisms PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly username: string;
  readonly password: string;
  /** The certificate to trust, as PEM; it names localhost and 127.0.0.1. */
  readonly ca: string;
  /** The same, in a file. */
  readonly caFile: string;
}

const defaultHeapMb = 256;
const aliveLimitMs = 120_000;
/** Ports can be taken between the question and the start. */
const portAttempts = 3;

/**
 * Kafka of one or three brokers, which are its controllers too (KRaft). Topics are made by whoever wants them, never by use.
 * `kill`, `freeze` and `restart` are methods of each broker.
 */
export class KafkaCluster implements KafkaAddresses {
  readonly brokers: readonly KafkaBroker[];
  readonly bootstrapServers: string;
  readonly secure?: SecureKafka;

  private constructor(brokers: readonly KafkaBroker[], ports: readonly BrokerPorts[], secure?: Secrets) {
    this.brokers = brokers;
    this.bootstrapServers = addressesOf(ports.map(({ plain }) => plain));
    if (secure !== undefined) {
      const { username, password, certificate, certificateFile } = secure;
      const bootstrapServers = addressesOf(ports.map(({ secure: port }) => port!));
      this.secure = { bootstrapServers, username, password, ca: certificate, caFile: certificateFile };
    }
  }

  static async start(supervisor: Supervisor, folder: string, options: KafkaOptions = {}): Promise<KafkaCluster> {
    const installation: KafkaInstallation = await installJavaService("kafka");
    const secrets = options.secure === true ? await secretsOf(installation, folder) : undefined;
    for (let attempt = 1; ; attempt++) {
      const home = join(folder, String(attempt));
      await mkdir(home);
      try {
        return await KafkaCluster.#startOnce(supervisor, installation, home, options, secrets);
      } catch (error) {
        if (attempt === portAttempts || !/Address already in use/.test(String(error))) throw error;
      }
    }
  }

  static async #startOnce(
    supervisor: Supervisor,
    installation: KafkaInstallation,
    folder: string,
    { brokers: count = 1, heapMb = defaultHeapMb, forLongRun = false, settings }: KafkaOptions,
    secrets: Secrets | undefined,
  ): Promise<KafkaCluster> {
    const ports = await drawPorts(count, secrets !== undefined);
    const brokers = ports.map(({ plain }, n) => {
      const options = { id: n + 1, folder: join(folder, `broker-${n + 1}`), heapMb, forLongRun, port: plain };
      return { options, broker: new KafkaBroker(supervisor, installation, options) };
    });
    const clusterId = Buffer.from(randomUUID().replaceAll("-", ""), "hex").toString("base64url");
    const starts = brokers.map(async ({ options, broker }) => {
      await mkdir(options.folder);
      const properties = { id: options.id, ports, dataFolder: join(options.folder, "data") };
      await writeFile(
        join(options.folder, "server.properties"),
        serverProperties({ ...properties, ...(secrets && { secure: secrets }), ...(settings && { settings }) }),
        { mode: 0o600 },
      );
      await writeFile(join(options.folder, "log4j2.properties"), log4jProperties);
      await format(supervisor, installation, options.id, options.folder, clusterId, secrets);
      await broker.start();
    });
    const ends = await Promise.allSettled(starts);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) {
      await Promise.all(brokers.map(({ broker }) => broker.kill()));
      throw failed.reason;
    }
    const cluster = new KafkaCluster(
      brokers.map(({ broker }) => broker),
      ports,
      secrets,
    );
    await cluster.allAlive();
    return cluster;
  }

  /** Waits until every broker knows that all take part. Their replicas may still be catching up. */
  async allAlive(): Promise<void> {
    const knowsAll = async ({ port }: KafkaBroker) => (await aliveBrokers(port)).length === this.brokers.length;
    for (const end = Date.now() + aliveLimitMs; Date.now() < end; await sleep(50)) {
      const known = await Promise.all(this.brokers.map((broker) => knowsAll(broker).catch(() => false)));
      if (known.every(Boolean)) return;
    }
    throw new Error("the brokers do not find each other");
  }

  /** All at once, as when a machine fails: in order, the last one would wait for a quorum that has gone. */
  async stop(): Promise<void> {
    await Promise.all(this.brokers.filter(({ isRunning }) => isRunning).map((broker) => broker.kill()));
  }
}

interface Secrets extends SecureListener {
  readonly certificate: string;
  readonly certificateFile: string;
}

const addressesOf = (ports: readonly number[]) => ports.map((port) => `127.0.0.1:${port}`).join(",");

async function drawPorts(count: number, secure: boolean): Promise<BrokerPorts[]> {
  const drawn = new Set<number>();
  while (drawn.size < 3 * count) drawn.add(await freePort());
  const ports = [...drawn];
  return Array.from({ length: count }, (_, n) => ({
    plain: ports[3 * n]!,
    controller: ports[3 * n + 1]!,
    ...(secure && { secure: ports[3 * n + 2]! }),
  }));
}

async function secretsOf(installation: KafkaInstallation, folder: string): Promise<Secrets> {
  const keyStorePassword = randomBytes(16).toString("hex");
  const made = await makeKeyStore(installation.java, folder, keyStorePassword);
  const password = randomBytes(16).toString("hex");
  return { ...made, keyStorePassword, username: "tda", password };
}

/** Makes a broker's data folder; the password of clients is a record of it. */
async function format(
  supervisor: Supervisor,
  installation: KafkaInstallation,
  id: number,
  folder: string,
  clusterId: string,
  secrets: Secrets | undefined,
): Promise<void> {
  const scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) =>
    secrets === undefined
      ? []
      : ["--add-scram", `${mechanism}=[name=${secrets.username},password=${secrets.password}]`],
  );
  const args = ["format", "-t", clusterId, "-c", join(folder, "server.properties"), ...scram];
  const program = kafkaProgram(installation, folder, { mainClass: "kafka.tools.StorageTool", args, heapMb: 64 });
  const { ended } = await supervisor.run(`kafka-format-${id}`, program);
  const end = await supervisor.awaited(ended);
  if (end === "status 0") return;
  throw new Error(`Kafka's data folder cannot be made (${end}):\n${await readFile(program.logFile, "utf8")}`);
}
