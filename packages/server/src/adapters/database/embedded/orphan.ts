import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../../internal/logger.ts";
import { identifyProcess, isRunning } from "../../../internal/process-identity.ts";
import { StartError } from "../../../internal/start-error.ts";
import { isThatPostmaster, readPostmasterPid } from "./postmaster-pid.ts";

const pollMs = 10;
/** Fast shutdown (SIGINT), immediate shutdown (SIGQUIT), kill: each with the time it gets. */
const steps: readonly [NodeJS.Signals, number][] = [
  ["SIGINT", 15_000],
  ["SIGQUIT", 3_000],
  ["SIGKILL", 2_000],
];

/**
 * Ends a PostgreSQL that outlived its server. Only called by the holder of the instance lock, so nobody else looks after
 * it. A `postmaster.pid` that names another process is removed, since PostgreSQL would take that process for its own.
 * @throws StartError when it does not end.
 */
export async function stopOrphan(clusterDir: string, logger: Logger): Promise<void> {
  const file = readPostmasterPid(clusterDir);
  if (file === null) return;
  const identity = identifyProcess(file.pid);
  if (identity === null) return;
  if (!isThatPostmaster(file, clusterDir)) {
    await unlink(join(clusterDir, "postmaster.pid"));
    return;
  }
  logger.warn({ pid: file.pid }, "stopping a database that an earlier server left running");
  for (const [signal, limitMs] of steps) {
    try {
      process.kill(file.pid, signal);
    } catch {
      // It ended in between.
    }
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(pollMs)) {
      if (!isRunning(identity)) return;
    }
  }
  throw new StartError(
    `PostgreSQL process ${file.pid}, which an earlier server left running, does not end: stop it, then start again.`,
  );
}
