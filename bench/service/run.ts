/**
 * `npm run bench -- service`: requests beside bare Fastify routes, jobs end to end, uploads, memory over a soak, in one run.
 * Writes bench/results/service.md.
 *
 * options: --seconds N (a round; 5), --rounds N (5), --connections N (8), --jobs N (5000), --uploads MiB,MiB (256,2048),
 * --soak N (seconds; 600), --output FILE
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Product, repository } from "../../acceptance/support/product.ts";
import { measureJobs } from "./jobs.ts";
import { apiBytes, treeBytes } from "./observe-processes.ts";
import { type Report, renderReport } from "./report.ts";
import { measureRequests } from "./requests.ts";
import { measureSoak } from "./soak.ts";
import { measureUploads } from "./uploads.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "5" },
    connections: { type: "string", default: "8" },
    jobs: { type: "string", default: "5000" },
    uploads: { type: "string", default: "256,2048" },
    soak: { type: "string", default: "600" },
    output: { type: "string", default: join(repository, "bench", "results", "service.md") },
  },
});
const settings = {
  seconds: Number(options.seconds),
  rounds: Number(options.rounds),
  connections: Number(options.connections),
};
const log = (line: string): void => void process.stderr.write(`${line}\n`);
const working = mkdtempSync(join(tmpdir(), "tda-bench-"));
const product = await (await Product.launch({ env: { FEATURE_ENABLE_AUTHENTICATION: "true" } })).settled();
try {
  const idle = { api: apiBytes(product), all: treeBytes(product) };
  const report: Report = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
    settings,
    idle,
    requests: await measureRequests(product, { ...settings, log }),
    jobs: await measureJobs(product, Number(options.jobs), log),
    uploads: await measureUploads(product, working, options.uploads.split(",").map(Number), log),
    soak: await measureSoak(product, Number(options.soak), log),
  };
  mkdirSync(dirname(options.output), { recursive: true });
  writeFileSync(options.output, renderReport(report));
  process.stdout.write(readFileSync(options.output, "utf8"));
} finally {
  await product.dispose();
  rmSync(working, { recursive: true, force: true });
}
