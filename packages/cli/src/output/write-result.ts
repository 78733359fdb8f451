import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { RipsResult } from "@tda-platform/contract/compute-results";
import { CliError, usageError } from "../cli-error.ts";

const FORMATS = [".json", ".csv"];

/** @throws CliError (usage) where the name does not say a format. */
export function checkOutputFile(path: string): void {
  if (!FORMATS.includes(extname(path).toLowerCase())) {
    throw usageError(`--output ${path}: the name has to end in .json or .csv, which says the format.`);
  }
}

/**
 * Writes the answer as it came (.json) or its bars, one a line (.csv). The file appears whole or not at all: the
 * content goes to a neighbour that is renamed once it is on the disk.
 */
export async function writeResult(path: string, text: string, result: RipsResult): Promise<void> {
  const content = extname(path).toLowerCase() === ".csv" ? barsAsCsv(result) : text;
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new CliError(`${path} cannot be written: ${(error as Error).message}.`, { cause: error });
  }
}

function barsAsCsv(result: RipsResult): string {
  const lines = ["dimension,birth,death"];
  for (const [dimension, bars] of result.diagrams.entries()) {
    for (const [birth, death] of bars) lines.push(`${dimension},${birth},${death ?? "inf"}`);
  }
  return `${lines.join("\n")}\n`;
}
