import type { RipsResult } from "@tda-platform/contract/compute-results";
import { FINAL_JOB_STATUSES, isFinal, JOB_STATUSES, type Job, type JobStatus } from "@tda-platform/contract/jobs";
import { createClient, type RawAnswer, type TdaClient } from "@tda-platform/sdk";
import { type Command, Option } from "commander";
import { CliError } from "../cli-error.ts";
import { findServer, type ServerOptions } from "../connection/find-server.ts";
import type { CliContext } from "../context.ts";
import { readInput } from "../input/read-input.ts";
import { interruptible } from "../interruption.ts";
import { drawBarcode } from "../output/barcode.ts";
import { duration } from "../output/numbers.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import { checkOutputFile, writeResult } from "../output/write-result.ts";
import { addRipsOptions, queryOf, type RipsOptions, wholeNumber } from "./rips-options.ts";

interface JobOptions extends ServerOptions {
  readonly json?: true;
}

/** `tda jobs …`: computations that a server runs while nobody waits. */
export function addJobsCommands(program: Command, context: CliContext): void {
  const jobs = program.command("jobs").description("computations that the server runs while nobody waits for them");
  const command = (name: string, description: string): Command =>
    jobs
      .command(name)
      .description(description)
      .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
      .option("--api-key <key>", "key for the server (default: TDA_API_KEY, then the local key)")
      .option("--json", "print the answer of the HTTP API");
  addRipsOptions(command("submit", "submit a computation, and print the job's id"))
    .option("--watch", "stay until the job has ended")
    .action((file: string, options: JobOptions & RipsOptions & { watch?: true }) => submit(file, options, context));
  command("list", "list jobs, newest first")
    .addOption(new Option("--status <status>", "only jobs of this status").choices(JOB_STATUSES))
    .option("--limit <n>", "how many", wholeNumber, 20)
    .action((options: JobOptions & { status?: JobStatus; limit: number }) => list(options, context));
  command("show", "show a job")
    .argument("<job>")
    .action(async (id: string, options: JobOptions) =>
      show(await clientOf(options, context).jobs.read(id), options, context),
    );
  command("watch", "follow a job until it has ended; the exit code says whether it succeeded")
    .argument("<job>")
    .action((id: string, options: JobOptions) => watch(id, options, context));
  command("result", "print the result of a job")
    .argument("<job>")
    .option("--output <file>", "write the answer to a .json file or its bars to a .csv file")
    .option("--bars <n>", "bars to draw in each dimension", wholeNumber, 8)
    .action((id: string, options: JobOptions & { output?: string; bars: number }) => result(id, options, context));
  command("cancel", "cancel a job; a finished one stays as it is")
    .argument("<job>")
    .action(async (id: string, options: JobOptions) =>
      show(await clientOf(options, context).jobs.cancel(id), options, context),
    );
}

function clientOf(options: ServerOptions, context: CliContext): TdaClient {
  const { url, apiKey } = findServer(options, context);
  return createClient({ baseUrl: url, ...(apiKey === null ? {} : { apiKey }) });
}

async function submit(
  file: string,
  options: JobOptions & RipsOptions & { readonly watch?: true },
  context: CliContext,
): Promise<void> {
  const input = await readInput(file, { format: options.format ?? null, kind: options.inputKind ?? null });
  const { type, content, kind } = input;
  const request = { type, content, parameters: queryOf(options, kind) };
  const job = await clientOf(options, context).jobs.submitVietorisRips(request);
  for (const { detail } of job.warnings) context.stderr.line(context.stderr.style("yellow", detail));
  if (options.watch) return await watch(job.job_id, options, context);
  // The id alone: it is what the next command takes.
  if (options.json) context.stdout.line(JSON.stringify(job));
  else context.stdout.line(job.job_id);
}

async function list(options: JobOptions & { status?: JobStatus; limit: number }, context: CliContext): Promise<void> {
  const { status, limit } = options;
  const page = await clientOf(options, context).jobs.list({ limit, ...(status === undefined ? {} : { status }) });
  if (options.json) context.stdout.line(JSON.stringify(page));
  else if (page.items.length === 0) context.stdout.line("No jobs.");
  else
    for (const job of page.items)
      context.stdout.line(`${job.job_id}  ${statusOf(job)}  ${job.created_at}  ${job.algorithm}`);
}

function statusOf({ status, progress, dead }: Job): string {
  const text = status === "running" ? `running ${Math.floor(progress * 100)} %` : dead ? "failed (dead)" : status;
  return text.padEnd(13);
}

function show(job: Job, options: JobOptions, { stdout }: CliContext): void {
  if (options.json) {
    stdout.line(JSON.stringify(job));
    return;
  }
  stdout.line(
    `${stdout.style("bold", job.job_id)}  ${statusOf(job).trimEnd()}${job.stage === null ? "" : `, ${job.stage}`}`,
  );
  const lines = [
    `${job.algorithm}, attempt ${job.attempt}, priority ${job.priority}`,
    `submitted ${job.created_at}${job.started_at === null ? "" : `, begun ${job.started_at}`}${job.finished_at === null ? "" : `, ended ${job.finished_at}`}`,
    ...(job.estimate?.seconds == null ? [] : [`estimated to take ${duration(job.estimate.seconds * 1000)}`]),
    ...job.warnings.map(({ detail }) => detail),
    ...(job.error === null ? [] : [`${job.error.title}: ${job.error.detail} (${job.error.code})`]),
  ];
  for (const line of lines) stdout.line(stdout.style("dim", line));
}

async function watch(id: string, options: JobOptions, context: CliContext): Promise<void> {
  const { jobs } = clientOf(options, context);
  const job = await interruptible(async (signal) => {
    const bar = new ProgressBar(context.stderr, { fraction: null, text: `${id} is waiting` });
    try {
      for await (const { body } of jobs.follow(id, { signal })) {
        const isRunning = body.status === "running";
        bar.update({ fraction: isRunning ? body.progress : null, text: `${id} ${body.stage ?? body.status}` });
        if (isFinal(body.status)) break;
      }
      return await jobs.wait(id, { signal });
    } finally {
      bar.stop();
    }
  });
  show(job, options, context);
  if (job.status !== FINAL_JOB_STATUSES[0]) throw new CliError(`The job is ${job.status}.`);
}

async function result(
  id: string,
  options: JobOptions & { readonly output?: string; readonly bars: number },
  context: CliContext,
): Promise<void> {
  const { stdout } = context;
  if (options.output !== undefined) checkOutputFile(options.output);
  let text = "";
  const onAnswer = (answer: RawAnswer): void => {
    text = answer.text;
  };
  const found = await clientOf(options, context).jobs.result(id, { onAnswer });
  if (found.algorithm !== "vietoris-rips") {
    if (options.output !== undefined)
      throw new CliError("Only diagrams are written to files.", { hint: "Use --json." });
    stdout.line(text);
    return;
  }
  const diagrams = found as RipsResult;
  if (options.output !== undefined) await writeResult(options.output, text, diagrams);
  if (options.json) stdout.line(text);
  else for (const line of drawBarcode(diagrams, options.bars, stdout)) stdout.line(line);
}
