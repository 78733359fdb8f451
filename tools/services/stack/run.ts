// What tools/stack.mjs starts in the pinned Node.
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { fail, SetupError, say } from "../../setup/console.mjs";
import { buildStreamingJob } from "../../setup/streaming-job.mjs";
import { installServices } from "../install.mjs";
import { type Stack, startStack } from "./start-stack.ts";

const root = new URL("../../..", import.meta.url).pathname;
const secondsPerClock = 60;

try {
  await main();
} catch (error) {
  fail(error);
}

interface CommandLine {
  readonly servers: number;
  readonly port: number;
  readonly brokers: 1 | 3;
  readonly taskManagers: number;
  readonly runner: string;
  readonly envFile: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

async function main(): Promise<void> {
  const { servers, port, brokers, taskManagers, runner, envFile, env } = commandLine();
  await requireFreePorts(port, servers);
  await installServices();
  const job = runner === "flink" ? await buildStreamingJob(root) : null;
  const end = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end.resolve());
  process.on("disconnect", () => end.resolve());
  const startedAt = Date.now();
  const starting = startStack({ job, servers, port, brokers, taskManagers, env, report: (step) => say(`• ${step} …`) });
  // Ctrl-C while it starts: what runs so far ends with this process.
  const stack = await Promise.race([starting, end.promise.then(() => null)]);
  if (stack === null) process.exit(130);
  try {
    say(`✓ It runs (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`);
    print(stack, envFile);
    // An open handle: services alone do not keep a process.
    const clock = setInterval(() => undefined, secondsPerClock * 1000);
    await end.promise;
    clearInterval(clock);
  } finally {
    await stack.stop();
    if (envFile !== undefined) rmSync(envFile, { force: true });
  }
  process.exit(0);
}

function commandLine(): CommandLine {
  const { values } = parseArgs({
    options: {
      servers: { type: "string", default: "2" },
      port: { type: "string", default: "8000" },
      brokers: { type: "string", default: "3" },
      "task-managers": { type: "string", default: "1" },
      runner: { type: "string", default: "flink" },
      save: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.brokers !== "1" && values.brokers !== "3") throw new SetupError("Kafka is started with 1 or 3 brokers.");
  if (values.runner !== "flink" && values.runner !== "embedded") {
    throw new SetupError("Streams are evaluated by --runner flink or --runner embedded.");
  }
  return {
    servers: count("--servers", values.servers, 16),
    port: count("--port", values.port, 65_535),
    brokers: values.brokers === "3" ? 3 : 1,
    taskManagers: count("--task-managers", values["task-managers"], 16),
    runner: values.runner,
    envFile: values.save,
    env: Object.fromEntries(values.set.map(setting)),
  };
}

function setting(text: string): [name: string, value: string] {
  const [name, ...rest] = text.split("=");
  if (name === undefined || name === "" || rest.length === 0) throw new SetupError("A setting is --set NAME=VALUE.");
  return [name, rest.join("=")];
}

function count(name: string, text: string, maximum: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= maximum) return value;
  throw new SetupError(`${name} is a whole number from 1 to ${maximum}.`);
}

/** Said now, not after half a minute. */
async function requireFreePorts(first: number, servers: number): Promise<void> {
  for (let port = first; port < first + servers; port++) {
    const socket = connect(port, "127.0.0.1");
    const isTaken = await new Promise<boolean>((resolve) => {
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    });
    socket.destroy();
    if (isTaken) throw new SetupError(`Port ${port} is taken: choose others with --port.`);
  }
}

function print({ services, flink, job, servers, environment, unused }: Stack, envFile: string | undefined): void {
  const { postgres, redis, s3, oidc, kafka, registry } = services;
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const table: [string, string | null][] = [
    ...servers.map(({ url }, number): [string, string] => [
      `Server ${number + 1}`,
      `${url}  (API reference ${url}/docs)`,
    ]),
    ["API key", servers[0]?.apiKey ?? null],
    ["PostgreSQL", postgres.adminUrl],
    ["Redis", redis.url],
    ["S3", `${s3.endpoint} (bucket ${s3.bucket}, key ${s3.accessKeyId}, secret ${s3.secretAccessKey})`],
    ["OIDC issuer", `${oidc.issuer} (audience ${oidc.audience})`],
    ["Kafka", kafka.bootstrapServers],
    ["Registry", registry.url],
    ["Flink", flink === null ? null : `${flink.url}${job === null ? "" : `/#/job/running/${job}`}`],
    ["Metrics", [...servers.map(({ url }) => `${url}/metrics`), ...(flink?.metricsUrls ?? [])].join("\n             ")],
  ];
  for (const [name, value] of table) if (value !== null) process.stdout.write(`${name.padEnd(12)} ${value}\n`);
  if (flink === null) process.stdout.write("Streams are evaluated in the servers; Flink is not started.\n");
  if (unused.length > 0) process.stdout.write(`(this version of the server does not use ${unused.join(", ")})\n`);
  if (envFile !== undefined) {
    writeFileSync(envFile, `${lines.join("\n")}\n`, { mode: 0o600 });
    process.stdout.write(`\nSettings of the servers: ${envFile}\n`);
  }
  say("\nCtrl-C stops it all and removes its data.");
}
