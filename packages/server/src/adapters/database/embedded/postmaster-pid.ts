import { readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess } from "../../../internal/process-identity.ts";

/** What PostgreSQL writes into `postmaster.pid`. */
export interface PostmasterPid {
  readonly pid: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly isReady: boolean;
}

/** Its start time is written this long after the process began, at most; clock adjustments count in. */
const startToleranceSeconds = 120;
/** Linux reports start times in these ticks per second to programs, on every architecture (USER_HZ). */
const clockTicksPerSecond = 100;

/** null when there is none, or not yet a whole one. */
export function readPostmasterPid(clusterDir: string): PostmasterPid | null {
  let lines: string[];
  try {
    lines = readFileSync(join(clusterDir, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return null;
  }
  const [pid, startedAt] = [Number(lines[0]), Number(lines[2])];
  if (!Number.isSafeInteger(pid) || pid <= 1 || !Number.isSafeInteger(startedAt)) return null;
  return { pid, startedAt, isReady: lines[7]?.trim() === "ready" };
}

/**
 * Whether the process that `postmaster.pid` names is really that postmaster, and not a later process with its number:
 * it belongs to the cluster's owner and works in the cluster's folder; where that cannot be seen, its start time agrees.
 */
export function isThatPostmaster(file: PostmasterPid, clusterDir: string): boolean {
  const identity = identifyProcess(file.pid);
  if (identity === null) return false;
  if (process.platform !== "linux")
    return Math.abs(Date.parse(identity.startedAt) / 1000 - file.startedAt) <= startToleranceSeconds;
  try {
    if (statSync(`/proc/${file.pid}`).uid !== statSync(clusterDir).uid) return false;
    return readlinkSync(`/proc/${file.pid}/cwd`) === clusterDir;
  } catch {
    return Math.abs(linuxStartSeconds(identity.startedAt) - file.startedAt) <= startToleranceSeconds;
  }
}

function linuxStartSeconds(startedAt: string): number {
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
  return bootSeconds + Number(startedAt.slice(startedAt.indexOf(":") + 1)) / clockTicksPerSecond;
}
