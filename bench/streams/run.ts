/**
 * `npm run bench -- streams`: our Kafka producer beside Kafka's own tool, ingest over HTTP, windows end to end, the embedded runner and Flink, in one run.
 * Writes bench/results/streams.md.
 *
 * options: --rounds N (3), --seconds N (a round of ingest; 5), --latency-seconds N (10), --points N (a round through windows; 300000),
 * --records N (a round of the producers; 400000), --connections N (8), --parts embedded,windows,distributed, --note TEXT, --output FILE;
 * --quick: rounds of seconds, to see that all of it runs.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "../../acceptance/support/product.ts";
import { installServices } from "../../tools/services/install.mjs";
import { buildStreamingJob } from "../../tools/setup/streaming-job.mjs";
import { measureDistributed } from "./distributed.ts";
import { measureEmbeddedIngest, measureEmbeddedLatency, measureEmbeddedThroughput } from "./embedded.ts";
import { attempts } from "./parts.ts";
import { renderReport } from "./report.ts";
import type { BenchSettings } from "./settings.ts";
import { measureMachine, measureWindowCosts } from "./windows.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    "latency-seconds": { type: "string" },
    points: { type: "string" },
    records: { type: "string" },
    connections: { type: "string", default: "8" },
    parts: { type: "string", default: "embedded,windows,distributed" },
    note: { type: "string" },
    quick: { type: "boolean", default: false },
    output: { type: "string", default: join(repository, "bench", "results", "streams.md") },
  },
});
const standard = options.quick
  ? { rounds: 1, seconds: 2, latencySeconds: 4, points: 40_000, records: 60_000, scale: 0.1 }
  : { rounds: 3, seconds: 5, latencySeconds: 10, points: 300_000, records: 400_000, scale: 1 };
const rounds = Number(options.rounds ?? standard.rounds);
const startedAt = performance.now();
const log = (line: string): void => {
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
};
const settings: BenchSettings = {
  rounds,
  points: Number(options.points ?? standard.points),
  ingest: {
    rounds,
    seconds: Number(options.seconds ?? standard.seconds),
    connections: Number(options.connections),
    log,
  },
  latency: { rounds, seconds: Number(options["latency-seconds"] ?? standard.latencySeconds), warmUpSeconds: 5, log },
  records: Number(options.records ?? standard.records),
  log,
};
const parts = new Set(options.parts.split(","));
const { attempt, failures } = attempts(log);
const loadBefore = loadavg()[0]!;

const embedded = parts.has("embedded");
const embeddedIngest = embedded
  ? await attempt("ingest on the embedded default", () => measureEmbeddedIngest(settings))
  : null;
const embeddedLatency = embedded
  ? await attempt("latency on the embedded default", () => measureEmbeddedLatency(settings))
  : null;
const embeddedThroughput = embedded
  ? await attempt("throughput of the embedded default", () => measureEmbeddedThroughput(settings))
  : null;
const machine = parts.has("windows")
  ? await attempt("the state machine", () => measureMachine(rounds, standard.scale, log))
  : null;
const costs = parts.has("windows")
  ? await attempt("cost of a window", () => measureWindowCosts(standard.scale, log))
  : null;
const distributed = parts.has("distributed")
  ? await attempt("Kafka and Flink", async () => {
      await installServices();
      return await measureDistributed(await buildStreamingJob(repository), settings, attempt);
    })
  : null;

const report = renderReport({
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
  loadBefore,
  minutes: (performance.now() - startedAt) / 60_000,
  note: options.note ?? null,
  settings,
  embedded: { ingest: embeddedIngest, latency: embeddedLatency, throughput: embeddedThroughput },
  machineRows: machine,
  costs,
  distributed,
  failures,
});
mkdirSync(dirname(options.output), { recursive: true });
writeFileSync(options.output, report);
process.stdout.write(readFileSync(options.output, "utf8"));
// The part that was not measured is in the page; a run that measured nothing has failed.
process.exit(failures.length > 0 && [embeddedIngest, machine, distributed].every((part) => part === null) ? 1 : 0);
