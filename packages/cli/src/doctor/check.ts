import { spawnSync } from "node:child_process";

/** What one look at the machine found. */
export interface Finding {
  readonly name: string;
  /** `missing` fails the doctor; `optional` is worth knowing and needed for less than everything. */
  readonly status: "ok" | "missing" | "optional";
  readonly detail: string;
  /** What to do, unless all is well. */
  readonly fix?: string;
}

/** First line that a program prints, null when it is not there or fails. */
export function firstLineOf(command: string, args: readonly string[]): string | null {
  const answer = spawnSync(command, args, { encoding: "utf8", timeout: 10_000 });
  if (answer.status !== 0) return null;
  // java -version writes to standard error.
  return `${answer.stdout}\n${answer.stderr}`.trim().split("\n")[0] ?? "";
}
