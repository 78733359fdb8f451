// Three Kafka brokers, the schema registry, Flink and one server, all on this machine.

import { processTree } from "../../acceptance/support/processes.ts";
import { startStack } from "../../tools/services/stack/start-stack.ts";
import type { ThroughputRow } from "./embedded.ts";
import { measureFlink } from "./flink.ts";
import { type IngestRow, measureIngest } from "./ingest.ts";
import { type LatencyRow, measureLatency } from "./latency.ts";
import { type MemoryRow, stackMemory } from "./memory.ts";
import type { Attempt } from "./parts.ts";
import { measureProducers, type ProducerRow } from "./producers.ts";
import type { BenchSettings } from "./settings.ts";

/** Until its compiler has seen most of the job. */
const FLINK_WARM_UP_SECONDS = 30;

export interface Distributed {
  readonly latency: LatencyRow[] | null;
  readonly memory: MemoryRow[] | null;
  readonly producers: ProducerRow[] | null;
  readonly ingest: IngestRow[] | null;
  readonly flink: ThroughputRow[] | null;
}

/** @param jar Flink's job. null: the server evaluates streams, and what needs Flink is not measured. */
export async function measureDistributed(
  jar: string | null,
  settings: BenchSettings,
  attempt: Attempt,
): Promise<Distributed> {
  const stack = await startStack({ job: jar, servers: 1, brokers: 3, report: settings.log });
  try {
    const [server] = stack.servers;
    const target = { url: server!.url, apiKey: server!.apiKey, processorSeconds: () => processorSeconds(server!.pid) };
    const { flink, job } = stack;
    const latency = await attempt("latency on Kafka and Flink", () =>
      measureLatency(target, "Kafka and Flink", { ...settings.latency, warmUpSeconds: FLINK_WARM_UP_SECONDS }),
    );
    const memory = await attempt("memory of the stack", async () => stackMemory(stack));
    if (flink !== null && job !== null) {
      await flink.client.cancel(job);
      await flink.client.ended(job);
    }
    const producers = await attempt("producers", () =>
      measureProducers(stack.services.kafka.bootstrapServers, settings),
    );
    const ingest = await attempt("ingest on Kafka", () => measureIngest(target, settings.ingest));
    // What was ingested is not evaluated: the jobs that follow have topics of their own.
    const throughput = await attempt("throughput of Flink", () => {
      if (jar === null || flink === null) throw new Error("there is no Flink job in this checkout");
      return measureFlink(stack, jar, settings);
    });
    return { latency, memory, producers, ingest, flink: throughput };
  } finally {
    await stack.stop();
  }
}

function processorSeconds(pid: number): number {
  return processTree(pid).reduce((sum, entry) => sum + entry.processorSeconds, 0);
}
