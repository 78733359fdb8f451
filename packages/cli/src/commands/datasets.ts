import { createWriteStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import {
  DATASET_FORMATS,
  DATASET_KINDS,
  type Dataset,
  type DatasetFormat,
  type DatasetKind,
} from "@tda-platform/contract/datasets";
import { createClient, type TdaClient, type UploadSource } from "@tda-platform/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "../cli-error.ts";
import { findServer, type ServerOptions } from "../connection/find-server.ts";
import type { CliContext } from "../context.ts";
import { interruptible } from "../interruption.ts";
import { byteSize } from "../output/numbers.ts";
import { ProgressBar } from "../output/progress-bar.ts";

interface CommonOptions extends ServerOptions {
  readonly json?: true;
}
interface UploadOptions extends CommonOptions {
  readonly name?: string;
  readonly format?: DatasetFormat;
  readonly inputKind?: DatasetKind;
}

/** What the end of a file's name says, where the server can't tell by the first bytes. */
const FORMAT_BY_END: readonly (readonly [string, DatasetFormat])[] = [
  [".csv", "csv"],
  [".lower_distance_matrix", "lower-distance"],
  [".ldm", "lower-distance"],
];

export function addDatasetCommands(program: Command, context: CliContext): void {
  const datasets = program
    .command("datasets")
    .description("datasets that the server keeps, to be computed with by their id");
  const command = (name: string, description: string): Command =>
    datasets
      .command(name)
      .description(description)
      .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
      .option("--api-key <key>", "key for the server (default: TDA_API_KEY, then the local key)");
  command("upload", "upload a file; a large one goes on where it stands after a broken connection")
    .argument("<file>", "CSV, NPY, Parquet, Arrow, or Ripser's lower-distance text")
    .option("--name <name>", "name of the dataset (default: the file's)")
    .addOption(
      new Option("--format <format>", "format of the file (default: by its name or first bytes)").choices(
        DATASET_FORMATS,
      ),
    )
    .addOption(new Option("--input-kind <kind>", "what the rows are (default: points)").choices(DATASET_KINDS))
    .option("--json", "print the answer of the HTTP API")
    .action((file: string, options: UploadOptions) => upload(file, options, context));
  command("list", "list datasets, newest first")
    .option("--limit <n>", "how many", limit, 20)
    .option("--json", "print the answer of the HTTP API")
    .action((options: CommonOptions & { limit: number }) => list(options, context));
  command("show", "show what is known of a dataset")
    .argument("<id>", "the dataset's id")
    .option("--json", "print the answer of the HTTP API")
    .action(async (id: string, options: CommonOptions) => {
      show(await interruptible((signal) => clientOf(options, context).datasets.get(id, { signal })), options, context);
    });
  command("download", "download a dataset")
    .argument("<id>", "the dataset's id")
    .requiredOption("--output <file>", "where to; - is standard output")
    .action((id: string, options: CommonOptions & { output: string }) => download(id, options, context));
  command("delete", "delete a dataset and its content")
    .argument("<id>", "the dataset's id")
    .action(async (id: string, options: CommonOptions) => {
      await interruptible((signal) => clientOf(options, context).datasets.delete(id, { signal }));
      context.stdout.line(`Deleted ${id}.`);
    });
}

function clientOf(options: ServerOptions, context: CliContext): TdaClient {
  const { url, apiKey } = findServer(options, context);
  return createClient({ baseUrl: url, ...(apiKey === null ? {} : { apiKey }) });
}

async function upload(path: string, options: UploadOptions, context: CliContext): Promise<void> {
  const client = clientOf(options, context);
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    const name = options.name ?? basename(path);
    const format = options.format ?? FORMAT_BY_END.find(([end]) => path.toLowerCase().endsWith(end))?.[1];
    const description = {
      name,
      ...(format === undefined ? {} : { format }),
      ...(options.inputKind === undefined ? {} : { input_kind: options.inputKind }),
    };
    const dataset = await interruptible(async (signal) => {
      const bar = new ProgressBar(context.stderr, { fraction: 0, text: `uploading ${name}` });
      const onProgress = (arrived: number) =>
        bar.update({ fraction: arrived / Math.max(size, 1), text: `uploading ${name}` });
      try {
        return await client.datasets.upload(sourceOf(file, size), description, { signal, onProgress });
      } finally {
        bar.stop();
      }
    });
    show(dataset, options, context);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(code === "ENOENT" ? `There is no file ${path}.` : `${path} cannot be read: ${message}.`, {
      cause: error,
    });
  }
}

function sourceOf(file: FileHandle, size: number): UploadSource {
  return {
    size,
    read: async (start, end) => {
      const content = new Uint8Array(end - start);
      for (let filled = 0; filled < content.length; ) {
        const { bytesRead } = await file.read(content, filled, content.length - filled, start + filled);
        if (bytesRead === 0) throw new CliError("The file became shorter while it was uploaded.");
        filled += bytesRead;
      }
      return content;
    },
  };
}

async function list(options: CommonOptions & { limit: number }, context: CliContext): Promise<void> {
  const page = await interruptible((signal) =>
    clientOf(options, context).datasets.list({ limit: options.limit }, { signal }),
  );
  const { stdout } = context;
  if (options.json) {
    stdout.line(JSON.stringify(page, null, 2));
    return;
  }
  if (page.items.length === 0) stdout.line("There are no datasets.");
  for (const { id, name, kind, rows, columns, bytes } of page.items) {
    stdout.line(`${id}  ${rows} × ${columns} ${kind}, ${byteSize(bytes)}  ${stdout.style("bold", name)}`);
  }
  if (page.next_cursor !== null) stdout.line(stdout.style("dim", "There are more: --limit shows them."));
}

function show(dataset: Dataset, options: CommonOptions, { stdout }: CliContext): void {
  if (options.json) {
    stdout.line(JSON.stringify(dataset, null, 2));
    return;
  }
  const { id, name, kind, rows, columns, bytes, sha256, created_at: createdAt } = dataset;
  stdout.line(`${stdout.style("bold", name)}  ${id}`);
  stdout.line(`${rows} × ${columns} ${kind}, ${byteSize(bytes)}, of ${createdAt}`);
  stdout.line(stdout.style("dim", `sha256 ${sha256}`));
}

async function download(id: string, options: CommonOptions & { output: string }, context: CliContext): Promise<void> {
  const { output } = options;
  await interruptible(async (signal) => {
    const content = await clientOf(options, context).datasets.download(id, { signal });
    const stream = Readable.fromWeb(content as NodeReadableStream<Uint8Array>);
    if (output === "-") return await pipeline(stream, process.stdout, { end: false });
    const draft = `${output}.part`;
    try {
      await pipeline(stream, createWriteStream(draft), { signal });
      await rename(draft, output);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  });
  if (output !== "-") context.stdout.line(`Wrote ${output}.`);
}

function limit(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 200) throw new InvalidArgumentError("It has to be a whole number from 1 to 200.");
  return value;
}
