import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@tda-platform/sdk";
import type { RunningServer } from "@tda-platform/server/start/serve";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { readInput } from "../input/read-input.ts";
import { drawBarcode } from "../output/barcode.ts";
import { summaryLines } from "../output/summary.ts";
import type { Terminal } from "../terminal.ts";

type FirstStart = NonNullable<RunningServer["firstStart"]>;

const EXAMPLE_FILE = fileURLToPath(new URL("../../../../examples/two-circles.csv", import.meta.url));
const EXAMPLE_BARS = 4;

export function addServeCommand(program: Command, context: CliContext): void {
  program
    .command("serve")
    .description("start the server (what `npm start` runs)")
    .option("--new-local-key", "revoke the API key of this machine's command line and make another")
    .option("--roles <list>", "what this instance does: some of serve, work, relay, sink, stream (TDA_ROLES)")
    .action((options: ServeCommandOptions) => runServer(context, options));
}

interface ServeCommandOptions {
  readonly newLocalKey?: true;
  readonly roles?: string;
}

async function runServer(context: CliContext, options: ServeCommandOptions): Promise<void> {
  // Loaded only here: no other command needs the server.
  const { serve } = await import("@tda-platform/server/start/serve");
  const env = options.roles === undefined ? context.env : { ...context.env, TDA_ROLES: options.roles };
  const running = await serve({ env, renewLocalKey: options.newLocalKey === true });
  // On a terminal, people read standard output; elsewhere it is the log's, one JSON object a line.
  const out = context.stdout.isTty ? context.stdout : context.stderr;
  greet(running, out);
  if (running.firstStart !== null) await showFirstDiagram(running.url, running.firstStart, out);
  process.exitCode = await running.finished;
}

function greet({ url, firstStart }: RunningServer, out: Terminal): void {
  out.line();
  out.line(`${out.style("green", "✓")} TDA Platform listens on ${out.style("bold", url)}`);
  out.line(`  API reference  ${url}/docs`);
  if (firstStart?.apiKey !== undefined) {
    out.line(`  API key        ${out.style("bold", firstStart.apiKey)}  (shown this once)`);
  }
  if (firstStart !== null) out.line(`  key file       ${shortPath(firstStart.keyFile)}`);
  out.line(`  stop           ${out.isTty ? "Ctrl-C" : `kill ${process.pid}`}`);
  out.line();
}

/** Computes the bundled example by way of the HTTP API, as any client would. A failure is told and stops nothing. */
async function showFirstDiagram(url: string, firstStart: FirstStart, out: Terminal): Promise<void> {
  const name = shortPath(EXAMPLE_FILE);
  try {
    const { type, content } = await readInput(EXAMPLE_FILE, { format: "csv", kind: "points" });
    const apiKey = readFileSync(firstStart.keyFile, "utf8").trim();
    const client = createClient({ baseUrl: url, apiKey });
    const result = await client.computeVietorisRips({ type, content, parameters: { max_dimension: 1 } as never });
    out.line(`A first diagram: ${name} has 120 points on two circles, and H1 has two long bars.`);
    for (const line of summaryLines(result, false, out.columns)) out.line(out.style("dim", line));
    for (const line of drawBarcode(result, EXAMPLE_BARS, out)) out.line(line);
  } catch (error) {
    out.line(`${out.style("yellow", "!")} The example could not be computed: ${(error as Error).message}`);
  }
  for (const line of nextCommands(url, firstStart, name)) out.line(line);
}

function nextCommands(url: string, { keyFile }: FirstStart, example: string): string[] {
  return [
    "",
    "Try next, in another terminal:",
    `  npx --no-install tda compute vietoris-rips ${example} --max-dimension 2`,
    `  npx --no-install tda compute vietoris-rips ${example} --output diagram.csv`,
    `  curl -s ${url}/v1/compute/vietoris-rips -H 'Content-Type: application/json' \\`,
    `    -H "X-API-Key: $(cat ${shortPath(keyFile)})" -d '{"points": [[0,0],[1,0],[1,1],[0,1]]}'`,
    "",
  ];
}

/** Relative to the current folder where that is inside it. */
function shortPath(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside.startsWith("..") ? path : inside;
}
