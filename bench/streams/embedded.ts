// The embedded default: one server, its own PostgreSQL and engine hosts.
import { Product } from "../../acceptance/support/product.ts";
import { usageOf } from "../service/observe-processes.ts";
import { type IngestRow, measureIngest } from "./ingest.ts";
import { type LatencyRow, measureLatency } from "./latency.ts";
import { type MemoryRow, productMemory } from "./memory.ts";
import type { Posted, PostLoad } from "./post-load.ts";
import { runChild } from "./run-child.ts";
import type { BenchSettings } from "./settings.ts";
import { makeStream, metric, metricReaches, type Server } from "./stream-api.ts";

export interface ThroughputRow {
  readonly how: string;
  readonly rounds: readonly Throughput[];
}

export interface Throughput {
  readonly pointsPerSecond: number;
  /** Of the server and its database; null where it is not known. */
  readonly processorMicroseconds: number | null;
}

const windowPoints = 50;
const batch = 1_000;

export async function measureEmbeddedIngest(settings: BenchSettings): Promise<IngestRow[]> {
  return await withServer({ TDA_ROLES: "serve,relay,sink" }, (_product, server) =>
    measureIngest(server, settings.ingest),
  );
}

export async function measureEmbeddedLatency(
  settings: BenchSettings,
): Promise<{ readonly rows: LatencyRow[]; readonly memory: MemoryRow[] }> {
  return await withServer({}, async (product, server) => {
    const rows = await measureLatency(server, "embedded", settings.latency);
    return { rows, memory: productMemory(product) };
  });
}

/** From the first POST to the last result in the database; 8 requests of 1,000 points at a time. */
export async function measureEmbeddedThroughput(settings: BenchSettings): Promise<ThroughputRow[]> {
  return await withServer({}, async (_product, server) => {
    const rounds: Throughput[] = [];
    for (let round = 0; round <= settings.rounds; round++) {
      const stream = await makeStream(server);
      const stored = await metric(server, ...results);
      const requests = Math.ceil((round === 0 ? settings.points / 4 : settings.points) / batch);
      const startedAt = performance.now();
      const processorBefore = server.processorSeconds();
      const load: PostLoad = {
        ...{ url: server.url, apiKey: server.apiKey, stream, batch, isNdjson: false, keys: 200 },
        ...{ connections: settings.ingest.connections, requests },
      };
      const posted = await runChild<Posted>("post-load.ts", load);
      // Sensors get whole windows of 50 points, so that no window is left open.
      await metricReaches(server, ...results, stored + (requests * batch) / windowPoints);
      const pointsPerSecond = posted.points / ((performance.now() - startedAt) / 1000);
      const processorMicroseconds = (1e6 * (server.processorSeconds() - processorBefore)) / posted.points;
      settings.log(
        `throughput, embedded: ${pointsPerSecond.toFixed(0)} points/s, ${processorMicroseconds.toFixed(1)} µs of processors a point`,
      );
      if (round > 0) rounds.push({ pointsPerSecond, processorMicroseconds });
    }
    return [{ how: "embedded server: HTTP → log → windows → engine → results in the database", rounds }];
  });
}

const results = ["tda_sink_records_total", 'topic="results"'] as const;

async function withServer<Answer>(
  env: Readonly<Record<string, string>>,
  work: (product: Product, server: Server) => Promise<Answer>,
): Promise<Answer> {
  const product = await Product.launch({ env: { FEATURE_ENABLE_AUTHENTICATION: "true", ...env } });
  try {
    await product.ready();
    return await work(product, {
      url: product.url,
      apiKey: product.apiKey,
      processorSeconds: () => usageOf(product).processorSeconds,
    });
  } finally {
    await product.dispose();
  }
}
