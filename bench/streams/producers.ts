// Our producer port beside Kafka's own producer performance tool: the same records, brokers and topic, in turn.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { installJavaService } from "../../tools/services/java/install.mjs";
import { jarsOf, javaProgram } from "../../tools/services/java/java-program.ts";
import { makeTopics } from "./make-topics.ts";
import type { Produced, ProducerLoad } from "./producer-load.ts";
import { runChild } from "./run-child.ts";
import type { BenchSettings } from "./settings.ts";

export interface ProducerRow {
  readonly how: string;
  readonly ours: readonly Produced[];
  readonly tool: readonly Produced[];
}

const prefix = "producers_";
const recordBytes = 1_000;
/** What the tool buffers (32 MiB) bounds what is not acknowledged; so does this. */
const unacknowledged = 30_000;
export const SEED_RATE = 10_000;
export const TOOL_SETTINGS = ["acks=all", "linger.ms=5", "batch.size=262144", "compression.type=lz4"] as const;

export async function measureProducers(bootstrapServers: string, settings: BenchSettings): Promise<ProducerRow[]> {
  const connection = {
    bootstrapServers: bootstrapServers.split(","),
    prefix,
    compression: "lz4",
    sasl: null,
    tls: null,
  } as const;
  await makeTopics(connection);
  const folder = mkdtempSync(join(tmpdir(), "tda-bench-producers-"));
  try {
    const payloadFile = join(folder, "payloads.txt");
    writeFileSync(payloadFile, payloads(1_000));
    const kinds = [
      { how: "as fast as it goes", records: settings.records, ofCall: 100, rate: null },
      { how: `${SEED_RATE.toLocaleString("en-US")} records/s`, records: SEED_RATE * 4, ofCall: 1, rate: SEED_RATE },
    ].map((kind) => ({ ...kind, ours: [] as Produced[], tool: [] as Produced[] }));
    for (let round = 0; round < settings.rounds; round++) {
      for (const { how, records, ofCall, rate, ours, tool } of kinds) {
        ours.push(
          await runChild<Produced>("producer-load.ts", {
            ...{ bootstrapServers, prefix, payloadFile, records, ofCall, unacknowledged, rate },
          } satisfies ProducerLoad),
        );
        tool.push(await runTool(folder, { bootstrapServers, payloadFile, records, rate }));
        settings.log(
          `producer, ${how}: ours ${JSON.stringify(ours.at(-1))}, Kafka's tool ${JSON.stringify(tool.at(-1))}`,
        );
      }
    }
    return kinds.map(({ how, ours, tool }) => ({ how, ours, tool }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lines of digits and letters, all of a length. */
function payloads(count: number): string {
  const bytes = new Uint8Array(recordBytes);
  const line = () => Buffer.from(crypto.getRandomValues(bytes)).toString("base64url").slice(0, recordBytes);
  return `${Array.from({ length: count }, line).join("\n")}\n`;
}

interface ToolRun {
  readonly bootstrapServers: string;
  readonly payloadFile: string;
  readonly records: number;
  readonly rate: number | null;
}

async function runTool(folder: string, { bootstrapServers, payloadFile, records, rate }: ToolRun): Promise<Produced> {
  const { java, folder: kafka } = await installJavaService("kafka");
  const { command, args, cwd, env } = javaProgram({
    ...{ java, classPath: jarsOf(join(kafka, "lib")), mainClass: "org.apache.kafka.tools.ProducerPerformance" },
    args: [
      ...["--topic", `${prefix}events`, "--num-records", String(records), "--payload-file", payloadFile],
      ...[
        "--throughput",
        String(rate ?? -1),
        "--producer-props",
        `bootstrap.servers=${bootstrapServers}`,
        ...TOOL_SETTINGS,
      ],
    ],
    ...{ heapMb: 384, forLongRun: true, folder, logFile: join(folder, "tool.log") },
  });
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  const said = /([\d.]+) records\/sec.*?([\d.]+) ms 50th, ([\d.]+) ms 95th/.exec(
    output.trim().split("\n").at(-1) ?? "",
  );
  if (code !== 0 || said === null)
    throw new Error(`Kafka's tool ended with ${String(code)}: ${output.slice(-500)}${errors.slice(-500)}`);
  return { recordsPerSecond: Number(said[1]), p50Ms: Number(said[2]), p95Ms: Number(said[3]) };
}
