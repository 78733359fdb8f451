import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { RipsQuery } from "@tda-platform/contract/compute-parameters";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import { CliError, usageError } from "../cli-error.ts";
import { detectFormat, type FileFormat } from "./file-format.ts";
import { fullMatrix, parseLowerDistanceBinary, parseLowerDistanceText } from "./lower-distance.ts";
import { npyOfMatrix } from "./write-npy.ts";

export type InputKind = NonNullable<RipsQuery["input_kind"]>;

/** An input in a form that the HTTP API takes as a request's body. */
export interface InputFile {
  /** As the user named it; "standard input" for `-`. */
  readonly name: string;
  readonly format: FileFormat;
  readonly type: typeof MEDIA_TYPES.csv | typeof MEDIA_TYPES.npy;
  readonly content: Buffer<ArrayBuffer>;
  readonly kind: InputKind;
}

export interface ReadOptions {
  readonly format: FileFormat | null;
  /** null: points, or distances where the format says so. */
  readonly kind: InputKind | null;
}

/** Reads a file, or standard input for `-`. CSV and NPY go as they are; lower-distance files become a matrix. */
export async function readInput(path: string, options: ReadOptions): Promise<InputFile> {
  const name = path === "-" ? "standard input" : path;
  const content = path === "-" ? await readStandardInput() : await readNamedFile(path);
  const format = options.format ?? detectFormat(path, content);
  if (format === "csv" || format === "npy") {
    return { name, format, type: MEDIA_TYPES[format], content, kind: options.kind ?? "points" };
  }
  if (options.kind === "points") throw usageError(`${name} holds distances: --input-kind points does not fit.`);
  const { rows, values } =
    format === "lower-distance"
      ? fullMatrix(parseLowerDistanceText(content))
      : fullMatrix(parseLowerDistanceBinary(content));
  return { name, format, type: MEDIA_TYPES.npy, content: npyOfMatrix(values, rows), kind: "distances" };
}

async function readStandardInput(): Promise<Buffer<ArrayBuffer>> {
  if (process.stdin.isTTY) {
    throw usageError("There is nothing on standard input.", "Pipe a CSV or NPY file in, or name a file.");
  }
  return (await buffer(process.stdin)) as Buffer<ArrayBuffer>;
}

async function readNamedFile(path: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return (await readFile(path)) as Buffer<ArrayBuffer>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new CliError(`There is no file ${path}.`, { cause: error });
    if (code === "EISDIR") throw new CliError(`${path} is a folder.`, { cause: error });
    throw new CliError(`${path} cannot be read: ${message}.`, { cause: error });
  }
}
