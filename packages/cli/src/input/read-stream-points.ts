import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { StreamPointBody } from "@tda-platform/contract/streams";
import { CliError } from "../cli-error.ts";

export type PointFormat = "csv" | "ndjson";

/** What a CSV column is for: the time, the key, or a coordinate. */
interface Columns {
  readonly time: number;
  readonly key: number | null;
  readonly coordinates: readonly number[];
}

/**
 * Points of a file, or of standard input (`-`), as they are read. CSV: a header with `t` and maybe `key`, all other columns in
 * their order are the coordinates; without a header the first column is t. NDJSON: points as the API takes them.
 */
export async function* readStreamPoints(file: string, format: PointFormat): AsyncGenerator<StreamPointBody> {
  let number = 0;
  let columns: Columns | null = null;
  for await (const text of linesOf(file)) {
    number++;
    const line = text.trim();
    if (line === "") continue;
    if (format === "ndjson") {
      yield parseLine(line, file, number);
      continue;
    }
    const fields = line.split(",").map((field) => field.trim().replace(/^"(.*)"$/, "$1"));
    if (columns === null) {
      columns = columnsOf(fields, file);
      if (fields.some((field) => Number.isNaN(Number(field)))) continue;
    }
    yield pointOf(fields, columns);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new CliError(`${file} can't be read: ${(error as Error).message}.`, { cause: error });
  }
}

function parseLine(line: string, file: string, number: number): StreamPointBody {
  try {
    return JSON.parse(line) as StreamPointBody;
  } catch (error) {
    throw new CliError(`${file}, line ${number}: this is not JSON.`, { cause: error });
  }
}

function columnsOf(fields: readonly string[], file: string): Columns {
  const isHeader = fields.some((field) => Number.isNaN(Number(field)));
  const time = isHeader ? fields.indexOf("t") : 0;
  if (time === -1) throw new CliError(`${file}: the header has no column t (milliseconds since 1970).`);
  const key = isHeader ? fields.indexOf("key") : -1;
  const coordinates = fields.map((_, i) => i).filter((i) => i !== time && i !== key);
  return { time, key: key === -1 ? null : key, coordinates };
}

/** What is no number goes as text: the server says which point it is. */
function pointOf(fields: readonly string[], { time, key, coordinates }: Columns): StreamPointBody {
  const number = (at: number): number => {
    const text = fields[at] ?? "";
    const value = text === "" ? Number.NaN : Number(text);
    return Number.isNaN(value) ? (text as unknown as number) : value;
  };
  const v = coordinates.filter((at) => at < fields.length).map(number);
  return { t: number(time), v, ...(key === null ? {} : { key: fields[key] ?? "" }) };
}
