// What tools/services.mjs starts in the pinned Node.
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fail, SetupError, say } from "../setup/console.mjs";
import { serverEnvironment } from "./environment.ts";
import { findMoto, findRedis } from "./install.mjs";
import { type ServiceAddresses, startServices } from "./services.ts";

const names = ["postgres", "redis", "s3", "oidc"] as const;
type Name = (typeof names)[number];

try {
  await main();
} catch (error) {
  fail(error);
}

async function main(): Promise<void> {
  const { wanted, envFile } = commandLine();
  // One after the other, so that each is seen; what is there already takes no time.
  if (wanted.includes("redis")) await findRedis();
  if (wanted.includes("s3")) await findMoto();
  const end = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end.resolve());
  process.on("disconnect", () => end.resolve());
  const services = await startServices(Object.fromEntries(wanted.map((name) => [name, true])) as Record<Name, true>);
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

function commandLine(): { wanted: readonly Name[]; envFile: string | undefined } {
  const { values, positionals } = parseArgs({
    options: { save: { type: "string" } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !names.some((one) => one === name));
  if (unknown.length > 0) {
    throw new SetupError(`There is no service ${unknown.join(", ")}; there are ${names.join(", ")}.`);
  }
  const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name));
  return { wanted, envFile: values.save };
}

function print(addresses: ServiceAddresses, envFile: string | undefined): void {
  const { values, unused } = serverEnvironment(addresses);
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const { postgres, redis, s3, oidc } = addresses;
  const table: [string, string | undefined][] = [
    ["PostgreSQL", postgres?.adminUrl],
    ["Redis", redis?.url],
    ["S3", s3 && `${s3.endpoint} (bucket ${s3.bucket}, key ${s3.accessKeyId}, secret ${s3.secretAccessKey})`],
    ["OIDC issuer", oidc && `${oidc.issuer} (audience ${oidc.audience})`],
    ["", oidc && `a token: ${tokenCommand(oidc)}`],
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
