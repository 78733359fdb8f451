import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it says once it is ready or has failed. */
  readonly said: Promise<Said>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface Said {
  readonly url: string;
  readonly firstStart: { readonly apiKey?: string; readonly keyFile: string } | null;
  readonly error?: string;
  readonly message?: string;
}

const script = fileURLToPath(new URL("serve-process.ts", import.meta.url));

/** Starts a server on a free port with the TypeScript engine, in a process group of its own. */
export function startServerProcess(env: Readonly<Record<string, string>>, args: readonly string[] = []): ServerProcess {
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      PATH: process.env.PATH,
      API_PORT: "0",
      FEATURE_MOCK_CPP_ENGINE: "true",
      FEATURE_ENABLE_AUTHENTICATION: "false",
      TDA_LOG_LEVEL: "silent",
      ...env,
    },
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  return { child, pid: child.pid!, said: firstLine(child), ended };
}

async function firstLine(child: ChildProcess): Promise<Said> {
  let text = "";
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return JSON.parse(text) as Said;
}
