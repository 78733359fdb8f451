import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureOwnDirectory, writeOwnFile } from "../internal/own-directory.ts";

/** `run/server.json`: how the command line on this machine finds the server. */
export async function writeRunFile(
  dataDir: string,
  run: { readonly url: string; readonly version: string },
): Promise<void> {
  const dir = join(dataDir, "run");
  await ensureOwnDirectory(dir, 0o700);
  const content = { pid: process.pid, url: run.url, version: run.version, started_at: new Date().toISOString() };
  await writeOwnFile(join(dir, "server.json"), `${JSON.stringify(content, null, 2)}\n`, 0o600);
}

export async function removeRunFile(dataDir: string): Promise<void> {
  await rm(join(dataDir, "run", "server.json"), { force: true });
}
