import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmod, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildStreamingJob } from "../../setup/streaming-job.mjs";
import { serverEnvironment } from "../environment.ts";
import { type FlinkCluster, type Services, startServices } from "../services.ts";
import { Supervisor } from "../supervisor.ts";
import { PlatformServer } from "./platform-server.ts";

export interface StackOptions {
  /** The Flink job, which then evaluates streams; null: the servers' embedded runner does, and Flink is not started. */
  readonly job: string | null;
  /** Instances of the server. Default 2. */
  readonly servers?: number;
  /** Of the first instance; the others follow it. Default: free ones. */
  readonly port?: number;
  /** Default 3. */
  readonly brokers?: 1 | 3;
  /** TaskManagers of two slots each. Default 1. */
  readonly taskManagers?: number;
  /** More settings of the servers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Is told what is being done. */
  readonly report?: (step: string) => void;
}

/** The whole platform on one machine. */
export interface Stack {
  readonly services: Services<{
    postgres: true;
    redis: true;
    s3: true;
    oidc: true;
    kafka: { brokers: 3 };
    registry: { inPostgres: true };
  }>;
  readonly flink: FlinkCluster | null;
  /** Id of the job. */
  readonly job: string | null;
  readonly servers: readonly PlatformServer[];
  /** Settings of the servers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Services that this version of the server does not use. */
  readonly unused: readonly string[];
  /** Ends all of it and removes its data. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const root = join(import.meta.dirname, "..", "..", "..");
const main = join(root, "packages", "cli", "src", "main.ts");
const engineHost = join(root, "build", "engine", "bin", "tda-engine-host");
const slots = 2;

/** The Flink job of this checkout, for `startStack`: built where a source has changed. */
export async function flinkJob(): Promise<string> {
  const job = await buildStreamingJob(root);
  if (job === null) throw new Error("There is no Flink job in this checkout: streaming/ is missing.");
  return job;
}

/**
 * PostgreSQL, Redis, S3, an OIDC issuer, Kafka, the schema registry, Flink with our job, and servers that use them; ready when
 * this answers. The engine and the job have to be built.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { job: jar, brokers = 3, taskManagers = 1, report = () => undefined } = options;
  report("Starting PostgreSQL, Redis, S3, OIDC, Kafka and its registry, Flink");
  const services = await startServices({
    postgres: true,
    redis: true,
    s3: true,
    oidc: true,
    kafka: { brokers, forLongRun: true },
    registry: { inPostgres: true },
    ...(jar !== null && {
      flink: { taskManagers, slots, recovery: true, forLongRun: true, env: { TDA_ENGINE_HOST: engineHost } },
    }),
  });
  const supervisor = new Supervisor();
  const servers: PlatformServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await supervisor.end();
    await services.stop();
  };
  try {
    const folder = await mkdtemp("/tmp/tda-stack-");
    await supervisor.removeAtEnd(folder);
    await chmod(folder, 0o755);
    const { values, unused } = serverEnvironment(services.addresses);
    const environment = { ...values, ...sharedSecrets(), ...options.env };
    if (!unused.includes("kafka")) {
      report("Making topics and registering schemas");
      const commands = [
        ["topics", "apply"],
        ["schemas", "register"],
      ];
      await Promise.all(commands.map((command) => tda(command, environment, folder)));
    }
    const flink = (services as { readonly flink?: FlinkCluster }).flink ?? null;
    report(`Starting the servers${flink === null ? "" : " and the Flink job"}`);
    for (let number = 0; number < (options.servers ?? 2); number++) {
      servers.push(new PlatformServer(supervisor, join(folder, `server-${number + 1}`), environment));
    }
    const startServers = async () => {
      const portOf = (number: number) => (options.port === undefined ? undefined : options.port + number);
      // The first one makes the tables and the first key.
      for (const [number, server] of servers.entries()) await server.start(portOf(number));
    };
    const startJob = async () => {
      if (flink === null || jar === null || unused.includes("kafka")) return null;
      const id = await flink.client.submitJob(jar, [
        ...["--bootstrap-servers", services.kafka.bootstrapServers],
        ...["--registry-url", services.registry.url],
        ...["--prefix", environment.KAFKA_TOPIC_PREFIX ?? "tda_"],
        ...["--parallelism", String(taskManagers * slots)],
        ...["--checkpoint-interval-ms", "2000"],
      ]);
      await flink.client.running(id);
      return id;
    };
    const [job] = await Promise.all([startJob(), startServers()]);
    return { services, flink, job, servers, environment, unused, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What instances must share to read what another one sealed and to take tokens that another one gave. */
function sharedSecrets(): Record<string, string> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    TDA_ENCRYPTION_KEYS: `stack:${randomBytes(32).toString("base64")}`,
    JWT_SECRET_KEY: privateKey.replaceAll("\n", "\\n"),
  };
}

async function tda(args: readonly string[], env: Readonly<Record<string, string>>, folder: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [main, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", NO_COLOR: "1", TDA_DATA_DIR: join(folder, "commands"), ...env },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`tda ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? String(error)}`);
  }
}
