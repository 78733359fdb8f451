// What tools/services.mjs starts in the pinned Node.
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fail, SetupError, say } from "../setup/console.mjs";
import { serverEnvironment } from "./environment.ts";
import { findMoto, findRedis } from "./install.mjs";
import { installJavaService } from "./java/install.mjs";
import { type ServiceAddresses, type ServiceOptions, startServices } from "./services.ts";

/** Started when none is named. */
const quick = ["postgres", "redis", "s3", "oidc"] as const;
/** Java programs, which take seconds and hundreds of megabytes each. */
const heavy = ["kafka", "registry", "flink"] as const;
const names = [...quick, ...heavy];
type Name = (typeof names)[number];

try {
  await main();
} catch (error) {
  fail(error);
}

async function main(): Promise<void> {
  const { wanted, brokers, envFile } = commandLine();
  // One after the other, so that each is seen; what is there already takes no time.
  if (wanted.includes("redis")) await findRedis();
  if (wanted.includes("s3")) await findMoto();
  for (const name of heavy) if (wanted.includes(name)) await installJavaService(name);
  const end = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end.resolve());
  process.on("disconnect", () => end.resolve());
  const services = await startServices({
    ...(Object.fromEntries(wanted.map((name) => [name, true])) as ServiceOptions),
    ...(wanted.includes("kafka") && { kafka: { brokers } }),
  });
  try {
    print(services.addresses, envFile);
    // An open handle: services alone do not keep a process.
    const clock = setInterval(() => undefined, 60_000);
    await end.promise;
    clearInterval(clock);
  } finally {
    await services.stop();
    if (envFile !== undefined) rmSync(envFile, { force: true });
  }
  process.exit(0);
}

interface CommandLine {
  readonly wanted: readonly Name[];
  readonly brokers: 1 | 3;
  readonly envFile: string | undefined;
}

function commandLine(): CommandLine {
  const { values, positionals } = parseArgs({
    options: { save: { type: "string" }, brokers: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !names.some((one) => one === name));
  if (unknown.length > 0) {
    throw new SetupError(`There is no service ${unknown.join(", ")}; there are ${names.join(", ")}.`);
  }
  if (values.brokers !== "1" && values.brokers !== "3") throw new SetupError("Kafka is started with 1 or 3 brokers.");
  const wanted = positionals.length === 0 ? quick : names.filter((name) => positionals.includes(name));
  return { wanted, brokers: values.brokers === "3" ? 3 : 1, envFile: values.save };
}

function print(addresses: ServiceAddresses, envFile: string | undefined): void {
  const { values, unused } = serverEnvironment(addresses);
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const { postgres, redis, s3, oidc, kafka, registry, flink } = addresses;
  const table: [string, string | undefined][] = [
    ["PostgreSQL", postgres?.adminUrl],
    ["Redis", redis?.url],
    ["S3", s3 && `${s3.endpoint} (bucket ${s3.bucket}, key ${s3.accessKeyId}, secret ${s3.secretAccessKey})`],
    ["OIDC issuer", oidc && `${oidc.issuer} (audience ${oidc.audience})`],
    ["", oidc && `a token: ${tokenCommand(oidc)}`],
    ["Kafka", kafka?.bootstrapServers],
    ["Registry", registry?.url],
    ["Flink", flink?.url],
  ];
  for (const [name, address] of table)
    if (address !== undefined) process.stdout.write(`${name.padEnd(12)} ${address}\n`);
  process.stdout.write(`\nSettings of a server that uses them:\n${lines.map((line) => `${line}\n`).join("")}`);
  if (unused.length > 0) process.stdout.write(`(this version of the server does not use ${unused.join(", ")})\n`);
  if (envFile !== undefined) {
    writeFileSync(envFile, `${lines.join("\n")}\n`, { mode: 0o600 });
    process.stdout.write(`\nThey are in ${envFile}: TDA_CONFIG_FILE=${envFile} npm start\n`);
  }
  say("\nCtrl-C stops them and removes their data.");
}

function tokenCommand({ tokenUrl, client }: NonNullable<ServiceAddresses["oidc"]>): string {
  return `curl -s -u ${client.clientId}:${client.clientSecret} -d grant_type=client_credentials -d scope=tda ${tokenUrl}`;
}
