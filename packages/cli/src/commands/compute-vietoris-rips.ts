import type { Command } from "commander";
import { usageError } from "../cli-error.ts";
import type { RipsOutcome, RipsWatch } from "../compute/rips-job.ts";
import { runRemotely } from "../compute/run-remotely.ts";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { readInput } from "../input/read-input.ts";
import { interruptible } from "../interruption.ts";
import { drawBarcode } from "../output/barcode.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import { approximationLine, summaryLines } from "../output/summary.ts";
import { checkOutputFile, writeResult } from "../output/write-result.ts";
import { addRipsOptions, queryOf, type RipsOptions, wholeNumber } from "./rips-options.ts";

interface ComputeOptions extends RipsOptions {
  readonly local?: true;
  readonly server?: string;
  readonly apiKey?: string;
  readonly json?: true;
  readonly output?: string;
  readonly bars: number;
}

export function addComputeCommands(program: Command, context: CliContext): void {
  const command = program
    .command("compute")
    .description("compute persistence diagrams of a file")
    .command("vietoris-rips")
    .description("Vietoris–Rips persistence of points or distances, exact unless an approximation is asked for");
  addRipsOptions(command)
    .option("--local", "compute in this process, without a server")
    .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
    .option("--api-key <key>", "key for the server (default: TDA_API_KEY, then the login, then the local key)")
    .option("--json", "print the answer of the HTTP API as it is")
    .option("--output <file>", "write the answer to a .json file or its bars to a .csv file")
    .option("--bars <n>", "bars to draw in each dimension", wholeNumber, 8)
    .action((file: string, options: ComputeOptions) => computeVietorisRips(file, options, context));
}

async function computeVietorisRips(file: string, options: ComputeOptions, context: CliContext): Promise<void> {
  if (options.output !== undefined) checkOutputFile(options.output);
  if (options.local && options.server !== undefined)
    throw usageError("--local computes without a server: drop --server.");
  const input = await readInput(file, { format: options.format ?? null, kind: options.inputKind ?? null });
  const job = { input, parameters: queryOf(options, input.kind) };
  const server = options.local ? null : await connect(options, context);

  const outcome = await interruptible(async (signal) => {
    const bar = new ProgressBar(context.stderr, { fraction: null, text: "starting" });
    const watch: RipsWatch = { signal, onProgress: (state) => bar.update(state) };
    try {
      if (server !== null) return await runRemotely(job, server, watch);
      // Loaded only here: reading and presenting a request pulls in the server's validators.
      const { runLocally } = await import("../compute/run-locally.ts");
      return await runLocally(job, context, watch);
    } finally {
      bar.stop();
    }
  });
  if (options.output !== undefined) await writeResult(options.output, outcome.text, outcome.result);
  // Byte for byte the answer, except that a terminal's prompt begins on a line of its own.
  if (options.json) context.stdout.write(context.stdout.isTty ? `${outcome.text}\n` : outcome.text);
  else showOutcome(input.name, outcome, options, context);
}

function showOutcome(name: string, outcome: RipsOutcome, options: ComputeOptions, context: CliContext): void {
  const { stdout } = context;
  const approximate = approximationLine(outcome.result);
  stdout.line(`Vietoris–Rips persistence of ${stdout.style("bold", name)}`);
  if (approximate !== null) stdout.line(stdout.style("bold", approximate));
  for (const line of summaryLines(outcome.result, outcome.isCached, stdout.columns))
    stdout.line(stdout.style("dim", line));
  for (const line of drawBarcode(outcome.result, options.bars, stdout)) stdout.line(line);
  if (options.output !== undefined) stdout.line(`\nWrote ${options.output}.`);
}
