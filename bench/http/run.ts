/**
 * `npm run bench -- http`: the server beside a bare Fastify route with the same payload, in one run, in alternating rounds;
 * resident memory; time to ready. Writes bench/results/http.md.
 *
 * options: --seconds N (a round; 8), --rounds N (5), --connections N (8), --requests N (of the memory part; 10000),
 * --starts N (3), --output FILE
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Api } from "../../acceptance/support/http.ts";
import { residentBytes } from "../../acceptance/support/processes.ts";
import { newFolder, Product, repository } from "../../acceptance/support/product.ts";
import type { Load, Measured } from "./load.ts";
import { bodyOf, bodyParts, type Payload, payloads } from "./payloads.ts";
import { type Kind, kinds, type Memory, type Report, type Row, renderReport, type StartTimes } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "8" },
    rounds: { type: "string", default: "5" },
    connections: { type: "string", default: "8" },
    requests: { type: "string", default: "10000" },
    starts: { type: "string", default: "3" },
    output: { type: "string", default: join(repository, "bench", "results", "http.md") },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const connections = Number(options.connections);
const requests = Number(options.requests);
const path = "/v1/compute/vietoris-rips";

/** The product with its default settings: authentication and cache on, logs written (and thrown away here). */
const settings = { FEATURE_ENABLE_AUTHENTICATION: "true" };
const working = mkdtempSync(join(tmpdir(), "tda-bench-"));
let variant = 0;

try {
  const starts = await measureStarts(Number(options.starts));
  const product = await (await Product.launch({ env: settings })).settled();
  let report: Report;
  try {
    const rows = await measureThroughput(product);
    const memory = await measureMemory();
    report = { rows, memory, starts, settings: { seconds, rounds, connections }, machine: machine() };
  } finally {
    await product.dispose();
  }
  mkdirSync(dirname(options.output), { recursive: true });
  writeFileSync(options.output, renderReport(report));
  process.stdout.write(readFileSync(options.output, "utf8"));
} finally {
  rmSync(working, { recursive: true, force: true });
}

async function measureThroughput(product: Product): Promise<Row[]> {
  const api = new Api(product.url, product.apiKey);
  const answers: string[] = [];
  for (const [index, payload] of payloads.entries()) {
    const answer = await api.compute(bodyOf(payload));
    if (answer.status !== 200) throw new Error(`${payload.name}: ${answer.text()}`);
    answers.push(join(working, `answer-${index}.json`));
    writeFileSync(answers[index]!, answer.body);
  }
  const bare = await startBare(answers);
  try {
    const rows: Row[] = [];
    for (const [index, payload] of payloads.entries()) {
      const measured: Record<Kind, Measured[]> = { bareBytes: [], bareObject: [], cached: [], uncached: [] };
      const headers = { "x-api-key": product.apiKey };
      const bareUrl = (kind: string) => `http://127.0.0.1:${bare.port}/${kind}/${index}`;
      for (let round = 0; round <= rounds; round++) {
        // Round 0 warms up both and does not count.
        const time = round === 0 ? Math.min(2, seconds) : seconds;
        const load = (url: string, isNew: boolean) => run(payload, url, isNew, headers, { seconds: time });
        const turn = {
          bareBytes: await load(bareUrl("bytes"), false),
          bareObject: await load(bareUrl("object"), false),
          cached: await load(product.url + path, false),
          uncached: await load(product.url + path, true),
        };
        if (round === 0) continue;
        for (const kind of kinds) measured[kind].push(turn[kind]);
        process.stderr.write(`${payload.name}, round ${round} of ${rounds}\n`);
      }
      rows.push({
        payload: payload.name,
        requestBytes: Buffer.byteLength(bodyOf(payload)),
        answerBytes: readFileSync(answers[index]!).length,
        measured,
      });
    }
    return rows;
  } finally {
    bare.child.kill("SIGTERM");
    await once(bare.child, "exit");
  }
}

/** A new server, idle, and after many requests of 120 points, none of them from the cache. */
async function measureMemory(): Promise<Memory> {
  const product = await (await Product.launch({ env: settings })).settled();
  try {
    const sum = () => {
      const tree = product.tree();
      const of = (name: string) =>
        tree
          .filter((entry) => entry.name.startsWith(name))
          .reduce((total, entry) => total + residentBytes(entry.pid), 0);
      return { server: residentBytes(product.serverPid), engine: of("tda-engine-host"), database: of("postgres") };
    };
    const idle = sum();
    const headers = { "x-api-key": product.apiKey };
    await run(payloads[1], product.url + path, true, headers, { amount: requests });
    return { requests, idle, after: sum() };
  } finally {
    await product.dispose();
  }
}

/** From `npm start` to the first 200 of /health/ready: with a new data folder, then with that folder again. */
async function measureStarts(count: number): Promise<StartTimes> {
  const times: { first: number[]; second: number[] } = { first: [], second: [] };
  for (let turn = 0; turn < count; turn++) {
    const dataDir = newFolder();
    for (const which of ["first", "second"] as const) {
      const startedAt = performance.now();
      const product = await Product.launch({ env: settings, dataDir });
      try {
        await product.ready();
        times[which].push((performance.now() - startedAt) / 1000);
      } finally {
        await product.dispose({ keepData: which === "first" });
      }
    }
  }
  return { firstSeconds: times.first, secondSeconds: times.second };
}

async function run(
  payload: Payload,
  url: string,
  isNewEachTime: boolean,
  headers: Record<string, string>,
  extent: { seconds: number } | { amount: number },
): Promise<Measured> {
  const load: Load = {
    url,
    headers,
    body: bodyParts(payload),
    firstVariant: isNewEachTime ? variant : null,
    connections,
    ...extent,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, "load.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(load));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`the load generator ended with ${String(code)}`);
  const measured = JSON.parse(output) as Measured;
  if (isNewEachTime) variant += measured.requests + connections;
  return measured;
}

async function startBare(answers: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "bare-server.ts"), ...answers], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, port: Number(line.toString()) };
}

function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, ${process.platform}-${process.arch}`;
}
