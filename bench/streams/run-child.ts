// The programs beside this one that make load or compute: each a process of its own, JSON in, JSON out.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export async function runChild<Answer>(script: string, input: unknown): Promise<Answer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script)], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(input));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}`);
  return JSON.parse(output) as Answer;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
