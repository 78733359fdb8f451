import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { usageError } from "../cli-error.ts";

/** A secret: from the terminal without showing it, else the first line of standard input. Never from the command line. */
export async function readSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    const line = (await text(stdin)).split(/\r?\n/, 1)[0] ?? "";
    if (line === "") throw usageError("No password came on standard input.", "On a terminal it is asked for.");
    return line;
  }
  stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    stderr.write("\n");
  }
}

/** A line from the terminal. */
export async function readLine(prompt: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(prompt)).trim();
  } finally {
    lines.close();
  }
}
