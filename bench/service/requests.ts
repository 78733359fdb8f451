// Requests per second and latencies beside bare Fastify routes, with processor use, network and disk at saturation.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Api } from "../../acceptance/support/http.ts";
import type { Product } from "../../acceptance/support/product.ts";
import type { Load, Measured } from "../http/load.ts";
import { bodyOf, bodyParts, payloads } from "../http/payloads.ts";
import { machineSeconds, usageOf } from "./observe-processes.ts";

export interface CallRow {
  readonly name: string;
  /** Name of the yardstick beside it; null: it is one. */
  readonly beside: string | null;
  readonly rounds: readonly Round[];
}

interface Round extends Measured {
  /** Share of the machine's processors that was busy, with everything on it. */
  readonly machineShare: number;
  /** Processors that the product took. */
  readonly productProcessors: number;
  readonly networkBytesPerSecond: number;
  readonly diskBytesPerSecond: number;
}

interface Call {
  readonly name: string;
  readonly beside: string | null;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly isNew: boolean;
  readonly bytes: number;
}

let variant = 0;

export interface RequestOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly log: (line: string) => void;
}

/** Every call in turn, in alternating rounds. */
export async function measureRequests(product: Product, options: RequestOptions): Promise<CallRow[]> {
  const api = new Api(product.url, product.apiKey);
  const [payload] = payloads;
  const compute = await api.compute(bodyOf(payload));
  const version = await api.get("/v1/version");
  const bare = await startBare(compute.body, version.body);
  const bodyBytes = Buffer.byteLength(bodyOf(payload)) + compute.body.length;
  const at = (path: string) => `http://127.0.0.1:${bare.port}${path}`;
  const path = "/v1/compute/vietoris-rips";
  const calls: Call[] = [
    { name: "bare GET", beside: null, url: at("/version"), method: "GET", isNew: false, bytes: version.body.length },
    {
      name: "simple call: GET /v1/version",
      beside: "bare GET",
      url: `${product.url}/v1/version`,
      method: "GET",
      isNew: false,
      bytes: version.body.length,
    },
    { name: "bare POST", beside: null, url: at("/compute"), method: "POST", isNew: false, bytes: bodyBytes },
    {
      name: "compute, cached",
      beside: "bare POST",
      url: product.url + path,
      method: "POST",
      isNew: false,
      bytes: bodyBytes,
    },
    {
      name: "compute, each a new input",
      beside: "bare POST",
      url: product.url + path,
      method: "POST",
      isNew: true,
      bytes: bodyBytes,
    },
  ];
  try {
    const rounds = new Map<string, Round[]>(calls.map(({ name }) => [name, []]));
    for (let round = 0; round <= options.rounds; round++) {
      for (const call of calls) {
        // Round 0 warms up and does not count.
        const seconds = round === 0 ? Math.min(2, options.seconds) : options.seconds;
        const measured = await runCall(product, call, seconds, options.connections);
        if (round > 0) rounds.get(call.name)!.push(measured);
      }
      options.log(`requests: round ${round} of ${options.rounds}`);
    }
    return calls.map(({ name, beside }) => ({ name, beside, rounds: rounds.get(name)! }));
  } finally {
    bare.child.kill("SIGTERM");
    await once(bare.child, "exit");
  }
}

async function runCall(product: Product, call: Call, seconds: number, connections: number): Promise<Round> {
  const machineBefore = machineSeconds();
  const before = usageOf(product);
  const startedAt = performance.now();
  const measured = await load({
    url: call.url,
    method: call.method,
    headers: { "x-api-key": product.apiKey },
    body: bodyParts(payloads[0]),
    firstVariant: call.isNew ? variant : null,
    connections,
    seconds,
  });
  const elapsed = (performance.now() - startedAt) / 1000;
  const after = usageOf(product);
  const machineAfter = machineSeconds();
  if (call.isNew) variant += measured.requests + connections;
  return {
    ...measured,
    machineShare: (machineAfter.busy - machineBefore.busy) / (machineAfter.total - machineBefore.total),
    productProcessors: (after.processorSeconds - before.processorSeconds) / elapsed,
    networkBytesPerSecond: measured.requestsPerSecond * call.bytes,
    diskBytesPerSecond: (after.writtenBytes - before.writtenBytes) / elapsed,
  };
}

export async function load(what: Load): Promise<Measured> {
  const script = join(import.meta.dirname, "..", "http", "load.ts");
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(what));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`the load generator ended with ${String(code)}`);
  return JSON.parse(output) as Measured;
}

async function startBare(compute: Buffer, version: Buffer): Promise<{ child: ChildProcess; port: number }> {
  const script = join(import.meta.dirname, "bare-server.ts");
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ compute: compute.toString("latin1"), version: version.toString("latin1") }));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, port: Number(line.toString()) };
}
