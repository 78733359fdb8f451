import { readFile } from "node:fs/promises";
import { TIME_PATTERN } from "@tda-platform/contract/jobs";
import type { Stream, StreamPointBody, StreamRequest } from "@tda-platform/contract/streams";
import { createClient, type TdaClient } from "@tda-platform/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "../cli-error.ts";
import { findServer, type ServerOptions } from "../connection/find-server.ts";
import type { CliContext } from "../context.ts";
import { type PointFormat, readStreamPoints } from "../input/read-stream-points.ts";
import { interruptible } from "../interruption.ts";
import { counted } from "../output/numbers.ts";
import { printLiveHeading, printLiveResult, printResults, printStream } from "../output/streams.ts";
import { printTable } from "../output/table.ts";
import { wholeNumber } from "./rips-options.ts";

interface StreamOptions extends ServerOptions {
  readonly json?: true;
}

/** Points of one request, and requests under way. */
const BATCH_POINTS = 5_000;
/** What waits longer is sent, however few. */
const BATCH_MS = 200;

/** `tda streams …`: points as they come. */
export function addStreamsCommands(program: Command, context: CliContext): void {
  const streams = program.command("streams").description("points as they come, and the topology of their windows");
  const command = (name: string, description: string): Command =>
    streams
      .command(name)
      .description(description)
      .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
      .option("--api-key <key>", "key for the server (default: TDA_API_KEY, then the local key)")
      .option("--json", "print the answer of the HTTP API");
  const ofStream = (name: string, description: string): Command => command(name, description).argument("<stream>");
  command("create", "make a stream of a definition, and print its id")
    .argument("<file>", "the body of POST /v1/streams as JSON, or - for standard input")
    .action((file: string, options: StreamOptions) => create(file, options, context));
  command("list", "list streams, newest first")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .action((options: StreamOptions & { limit: number }) => list(options, context));
  ofStream("show", "show a stream").action(async (id: string, options: StreamOptions) =>
    show(await clientOf(options, context).streams.read(id), options, context),
  );
  ofStream("push", "send points; those that are wrong are listed, and make the exit code 1")
    .argument(
      "<file>",
      "CSV with the columns t (milliseconds since 1970), maybe key, and coordinates, or NDJSON; - for standard input",
    )
    .addOption(
      new Option("--format <format>", "csv or ndjson (default: by the file's name)").choices(["csv", "ndjson"]),
    )
    .action((id: string, file: string, options: StreamOptions & { format?: PointFormat }) =>
      push(id, file, options, context),
    );
  ofStream("results", "list results, newest window first")
    .option("--key <key>", "only this key")
    .option("--from <time>", "only windows that begin at or after this time, such as 2026-01-31T12:00:00Z", utcTime)
    .option("--to <time>", "only windows that begin before this time", utcTime)
    .option("--revisions", "every revision, not only the last")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .action((id: string, options: ResultsOptions) => results(id, options, context));
  ofStream("live", "print results as they come, until interrupted")
    .option("--after <position>", "begin after this position; 0: with the first result", wholeNumber)
    .option("--count <n>", "end after so many", wholeNumber)
    .action((id: string, options: StreamOptions & { after?: number; count?: number }) => live(id, options, context));
  ofStream("rejected", "list rejected points with their reasons, newest first")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .action((id: string, options: StreamOptions & { limit: number }) => rejected(id, options, context));
  ofStream("flush", "close the open windows of every key").action(async (id: string, options: StreamOptions) => {
    const answer = await clientOf(options, context).streams.flush(id);
    context.stdout.line(
      options.json ? JSON.stringify(answer) : `The windows of ${counted(answer.keys, "key")} are being closed.`,
    );
  });
  ofStream("pause", "take no more points").action(async (id: string, options: StreamOptions) =>
    show(await clientOf(options, context).streams.pause(id), options, context),
  );
  ofStream("resume", "take points again").action(async (id: string, options: StreamOptions) =>
    show(await clientOf(options, context).streams.resume(id), options, context),
  );
  ofStream("delete", "delete a stream with its results").action(async (id: string, options: StreamOptions) => {
    await clientOf(options, context).streams.delete(id);
    if (!options.json) context.stdout.line(`${id} is deleted.`);
  });
}

type ResultsOptions = StreamOptions & {
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly revisions?: true;
  readonly limit: number;
};

function utcTime(text: string): string {
  if (new RegExp(TIME_PATTERN).test(text)) return text;
  throw new InvalidArgumentError("It is a time in UTC such as 2026-01-31T12:00:00Z.");
}

function clientOf(options: ServerOptions, context: CliContext): TdaClient {
  const { url, apiKey } = findServer(options, context);
  return createClient({ baseUrl: url, ...(apiKey === null ? {} : { apiKey }) });
}

async function create(file: string, options: StreamOptions, context: CliContext): Promise<void> {
  const text = file === "-" ? await standardInput() : await readFile(file, "utf8").catch(unreadable(file));
  let definition: StreamRequest;
  try {
    definition = JSON.parse(text) as StreamRequest;
  } catch (error) {
    throw new CliError(`${file} is not JSON.`, { cause: error });
  }
  const stream = await clientOf(options, context).streams.create(definition);
  // The id alone: it is what the next command takes.
  context.stdout.line(options.json ? JSON.stringify(stream) : stream.id);
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function unreadable(file: string) {
  return (error: Error): never => {
    throw new CliError(`${file} can't be read: ${error.message}.`);
  };
}

async function list({ limit, ...options }: StreamOptions & { limit: number }, context: CliContext): Promise<void> {
  const page = await clientOf(options, context).streams.list({ limit });
  if (options.json) context.stdout.line(JSON.stringify(page));
  else if (page.items.length === 0) context.stdout.line("No streams.");
  else {
    const rows = page.items.map(({ id, status, window, name }) => [id, status, window.type, name]);
    printTable(context.stdout, ["stream", "status", "window", "name"], rows);
  }
}

function show(stream: Stream, { json }: StreamOptions, { stdout }: CliContext): void {
  if (json) {
    stdout.line(JSON.stringify(stream));
    return;
  }
  printStream(stdout, stream);
}

async function push(
  id: string,
  file: string,
  options: StreamOptions & { format?: PointFormat },
  context: CliContext,
): Promise<void> {
  const format = options.format ?? (/\.(ndjson|jsonl)$/i.test(file) ? "ndjson" : "csv");
  const { streams } = clientOf(options, context);
  const wrong: { index: number; detail: string }[] = [];
  let accepted = 0;
  let sent = 0;
  await interruptible(async (signal) => {
    for await (const points of batches(readStreamPoints(file, format))) {
      const answer = await streams.push(id, points, { signal });
      accepted += answer.accepted;
      for (const { index, detail } of answer.rejected) wrong.push({ index: sent + index, detail });
      sent += points.length;
    }
  });
  if (options.json) context.stdout.line(JSON.stringify({ accepted, rejected: wrong }));
  else {
    context.stdout.line(`${accepted} points accepted, ${wrong.length} rejected.`);
    for (const { index, detail } of wrong.slice(0, 20)) context.stderr.line(`point ${index}: ${detail}`);
  }
  if (wrong.length > 0) throw new CliError(`${wrong.length} of ${sent} points are wrong.`);
}

/** Points together, as soon as they are many or have waited: what comes by a pipe is not held back. */
async function* batches(points: AsyncGenerator<StreamPointBody>): AsyncGenerator<StreamPointBody[]> {
  let batch: StreamPointBody[] = [];
  let next = points.next();
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), BATCH_MS);
    });
    const got = batch.length === 0 ? await next : await Promise.race([next, late]);
    clearTimeout(timer);
    if (got !== "late" && got.done !== true) {
      batch.push(got.value);
      next = points.next();
      if (batch.length < BATCH_POINTS) continue;
    }
    if (batch.length > 0) yield batch;
    batch = [];
    if (got !== "late" && got.done === true) return;
  }
}

async function results(id: string, options: ResultsOptions, context: CliContext): Promise<void> {
  const { key, from, to, revisions, limit } = options;
  const page = await clientOf(options, context).streams.results(id, {
    limit,
    ...(key === undefined ? {} : { key }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(revisions === undefined ? {} : { revisions: "all" }),
  });
  if (options.json) context.stdout.line(JSON.stringify(page));
  else if (page.items.length === 0) context.stdout.line("No results.");
  else {
    printResults(context.stdout, page.items);
    if (page.next_cursor !== null) context.stderr.line("There are more: ask for them with --limit, --from and --to.");
  }
}

async function live(
  id: string,
  { after, count, ...options }: StreamOptions & { after?: number; count?: number },
  context: CliContext,
): Promise<void> {
  let left = count ?? Number.POSITIVE_INFINITY;
  if (left === 0) return;
  await interruptible(async (signal) => {
    const following = clientOf(options, context).streams.follow(id, {
      signal,
      ...(after === undefined ? {} : { after }),
    });
    // Before the first result: it shows that the command waits.
    if (!options.json) printLiveHeading(context.stdout);
    for await (const { result } of following) {
      if (options.json) context.stdout.line(JSON.stringify(result));
      else printLiveResult(context.stdout, result);
      if (--left <= 0) return;
    }
  });
}

async function rejected(
  id: string,
  { limit, ...options }: StreamOptions & { limit: number },
  context: CliContext,
): Promise<void> {
  const page = await clientOf(options, context).streams.rejected(id, { limit });
  if (options.json) context.stdout.line(JSON.stringify(page));
  else if (page.items.length === 0) context.stdout.line("No rejected points.");
  else {
    const rows = page.items.map(({ received_at, key, t, reason, detail }) => [
      received_at,
      key === "" ? "-" : key,
      t === null ? "-" : String(t),
      reason,
      detail,
    ]);
    printTable(context.stdout, ["received", "key", "t", "reason", "detail"], rows);
  }
}
