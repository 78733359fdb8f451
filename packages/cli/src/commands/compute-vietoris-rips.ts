import { APPROXIMATION_METHODS, METRICS, type RipsQuery } from "@tda-platform/contract/compute-parameters";
import { type Command, InvalidArgumentError, Option } from "commander";
import { usageError } from "../cli-error.ts";
import type { RipsOutcome, RipsWatch } from "../compute/rips-job.ts";
import { runRemotely } from "../compute/run-remotely.ts";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { FILE_FORMATS, type FileFormat } from "../input/file-format.ts";
import { type InputKind, readInput } from "../input/read-input.ts";
import { interruptible } from "../interruption.ts";
import { drawBarcode } from "../output/barcode.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import { approximationLine, summaryLines } from "../output/summary.ts";
import { checkOutputFile, writeResult } from "../output/write-result.ts";

interface ComputeOptions {
  readonly maxDimension: number;
  readonly threshold?: number;
  readonly coefficientField: number;
  readonly metric?: RipsQuery["metric"];
  readonly representatives?: RipsQuery["representatives"];
  readonly minkowskiP?: number;
  readonly edgeCollapse?: RipsQuery["edge_collapse"];
  readonly threads?: number;
  readonly memoryLimit?: number;
  readonly approximation?: (typeof APPROXIMATION_METHODS)[number];
  readonly epsilon?: number;
  readonly subsamplePoints?: number;
  readonly inputKind?: InputKind;
  readonly format?: FileFormat;
  readonly local?: true;
  readonly server?: string;
  readonly apiKey?: string;
  readonly json?: true;
  readonly output?: string;
  readonly bars: number;
}

export function addComputeCommands(program: Command, context: CliContext): void {
  program
    .command("compute")
    .description("compute persistence diagrams of a file")
    .command("vietoris-rips")
    .description("Vietoris–Rips persistence of points or distances, exact unless an approximation is asked for")
    .argument("<file>", "CSV, NPY, Ripser's lower-distance text or float32 binary; - is standard input")
    .option("--max-dimension <n>", "highest homology dimension", wholeNumber, 1)
    .option("--threshold <length>", "leave longer edges out (default: the enclosing radius)", number)
    .option("--coefficient-field <p>", "a prime: homology over Z/p", wholeNumber, 2)
    .addOption(new Option("--metric <name>", "metric of the points (default: euclidean)").choices(METRICS))
    .option("--minkowski-p <p>", "exponent of the minkowski metric", number)
    .addOption(
      new Option("--edge-collapse <choice>", "move and remove edges first (default: auto, where it is faster)").choices(
        ["auto", "on", "off"],
      ),
    )
    .addOption(
      new Option("--representatives <kind>", "what each bar is made of, in the JSON answer").choices([
        "none",
        "simplices",
        "cocycles",
        "cycles",
      ]),
    )
    .option("--threads <n>", "threads to use (default: the engine chooses)", wholeNumber)
    .option("--memory-limit <bytes>", "stop beyond this memory; KiB, MiB and GiB may follow the number", bytes)
    .addOption(
      new Option("--approximation <method>", "an approximation with a stated error bound (default: exact)").choices(
        APPROXIMATION_METHODS,
      ),
    )
    .option("--epsilon <e>", "of sparse-rips, 0 < e < 1: births and deaths within the factor 1/(1 - e)", fraction)
    .option("--subsample-points <n>", "of subsample: how many farthest points to take", wholeNumber)
    .addOption(
      new Option("--input-kind <kind>", "what the rows are (default: points)").choices(["points", "distances"]),
    )
    .addOption(new Option("--format <format>", "format of the file (default: by its name)").choices([...FILE_FORMATS]))
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

/** The parameters as the HTTP API's query has them: those that were given. */
function queryOf(options: ComputeOptions, kind: InputKind): RipsQuery {
  const { threshold, metric, minkowskiP, edgeCollapse, representatives, threads, memoryLimit } = options;
  const approximation = approximationOf(options);
  return {
    input_kind: kind,
    max_dimension: options.maxDimension,
    coefficient_field: options.coefficientField,
    ...(threshold === undefined ? {} : { threshold }),
    ...(metric === undefined ? {} : { metric }),
    ...(minkowskiP === undefined ? {} : { minkowski_p: minkowskiP }),
    ...(edgeCollapse === undefined ? {} : { edge_collapse: edgeCollapse }),
    ...(representatives === undefined ? {} : { representatives }),
    ...(threads === undefined ? {} : { threads }),
    ...(memoryLimit === undefined ? {} : { memory_limit_bytes: memoryLimit }),
    ...(approximation === null ? {} : { approximation }),
  } as RipsQuery;
}

/** As the query has it. */
function approximationOf({ approximation, epsilon, subsamplePoints }: ComputeOptions): string | null {
  const isSparse = approximation === "sparse-rips";
  if (epsilon !== undefined && !isSparse) throw usageError("--epsilon belongs to --approximation sparse-rips.");
  if (subsamplePoints !== undefined && approximation !== "subsample") {
    throw usageError("--subsample-points belongs to --approximation subsample.");
  }
  if (approximation === undefined) return null;
  const value = isSparse ? epsilon : subsamplePoints;
  if (value === undefined) {
    throw usageError(`--approximation ${approximation} needs ${isSparse ? "--epsilon" : "--subsample-points"}.`);
  }
  return `${approximation}:${value}`;
}

function number(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("It has to be a finite number.");
  return value;
}

function fraction(text: string): number {
  const value = number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError("It has to be above 0 and below 1.");
  return value;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It has to be a whole number.");
  return Number(text);
}

function bytes(text: string): number {
  const match = /^(\d{1,15}) ?(KiB|MiB|GiB)?$/i.exec(text);
  if (match === null) throw new InvalidArgumentError("It has to be a number of bytes such as 1000000 or 512MiB.");
  const exponent = { kib: 1, mib: 2, gib: 3 }[(match[2] ?? "").toLowerCase()] ?? 0;
  return Number(match[1]) * 1024 ** exponent;
}
