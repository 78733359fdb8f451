import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface ServerRun {
  readonly url: string;
  readonly pid: number;
}

/** The server that runs on a data folder, by the `run/server.json` that it wrote; null when its process is gone. */
export function runningServerOf(dataDir: string): ServerRun | null {
  const run = readJson(join(dataDir, "run", "server.json"));
  if (typeof run?.url !== "string" || typeof run.pid !== "number" || !isAlive(run.pid)) return null;
  return { url: run.url, pid: run.pid };
}

function readJson(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another account exists without being ours to signal.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
