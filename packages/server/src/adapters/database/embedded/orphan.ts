import { readdirSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../../internal/logger.ts";
import { identifyProcess } from "../../../internal/process-identity.ts";
import { StartError } from "../../../internal/start-error.ts";
import { type Layout, socketPort } from "./layout.ts";
import { isThatPostmaster, readPostmasterPid } from "./postmaster-pid.ts";

const pollMs = 10;
/** Fast shutdown, immediate shutdown, kill: each with the time it gets. */
const postmasterSteps: readonly Step[] = [
  ["SIGINT", 15_000],
  ["SIGQUIT", 3_000],
  ["SIGKILL", 2_000],
];
/** Without their postmaster its helpers end by themselves, at the latest when their statement does. */
const helperSteps: readonly Step[] = [
  [null, 1_000],
  ["SIGQUIT", 3_000],
  ["SIGKILL", 2_000],
];

type Step = readonly [NodeJS.Signals | null, number];

/**
 * Ends what is left of a PostgreSQL that outlived its server. Only called by the holder of the instance lock, so nobody
 * else looks after it. A `postmaster.pid` whose number now belongs to another process is removed, since PostgreSQL would
 * take that process for itself; but not before the last process on the cluster has ended, which the file protects from.
 * @throws StartError when something does not end.
 */
export async function stopOrphan(layout: Pick<Layout, "clusterDir" | "socketDir">, logger: Logger): Promise<void> {
  const { clusterDir, socketDir } = layout;
  const file = readPostmasterPid(clusterDir);
  if (file === null) return;
  if (isThatPostmaster(file, clusterDir)) {
    logger.warn({ pid: file.pid }, "stopping a database that an earlier server left running");
    await end(postmasterSteps, () => (isThatPostmaster(file, clusterDir) ? [file.pid] : []));
  }
  await end(helperSteps, () => processesIn(clusterDir));
  // Also a zombie has a number, which PostgreSQL would take for a running server.
  if (readPostmasterPid(clusterDir)?.pid === file.pid && hasNumber(file.pid)) {
    await rm(join(clusterDir, "postmaster.pid"), { force: true });
    await rm(join(socketDir, `.s.PGSQL.${socketPort}.lock`), { force: true });
  }
}

async function end(steps: readonly Step[], find: () => readonly number[]): Promise<void> {
  for (const [signal, limitMs] of steps) {
    for (const pid of find()) {
      try {
        if (signal !== null) process.kill(pid, signal);
      } catch {
        // It ended in between.
      }
    }
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(pollMs)) {
      if (find().length === 0) return;
    }
  }
  const pid = find()[0];
  if (pid !== undefined) {
    throw new StartError(
      `PostgreSQL process ${pid}, which an earlier server left running, does not end: stop it, then start again.`,
    );
  }
}

/** Every process of PostgreSQL works in its cluster's folder. Only Linux tells; elsewhere PostgreSQL's own check serves. */
function processesIn(clusterDir: string): readonly number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 1 && worksIn(pid, clusterDir) && identifyProcess(pid) !== null);
}

function worksIn(pid: number, dir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dir;
  } catch {
    return false;
  }
}

function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
