import { type ChildProcess, spawn } from "node:child_process";
import { repository, userEnvironment } from "./product.ts";

export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
}

/** `npx --no-install tda …` from the repository's root, as the documentation says. */
export function startTda(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn("npx", ["--no-install", "tda", ...args], {
    cwd: repository,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...userEnvironment(), ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CommandEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

export function tda(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandEnd> {
  return startTda(args, env).ended;
}
