import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { identifyProcess, isRunning, type ProcessIdentity } from "./process-identity.ts";

export interface InstanceLock {
  release(): void;
}

/** Who has the lock. */
export class LockHeld extends Error {
  override readonly name = "LockHeld";
  readonly holder: ProcessIdentity;

  constructor(path: string, holder: ProcessIdentity) {
    super(`${path} is held by process ${holder.pid}`);
    this.holder = holder;
  }
}

const takeoverAttempts = 100;
const takeoverPauseMs = 10;

/**
 * Takes a lock file for this process. A holder that no longer runs (by its start time, not only its number) is
 * succeeded. Linking and renaming are atomic, so of several processes one gets it.
 * @throws LockHeld
 */
export function takeInstanceLock(path: string): InstanceLock {
  const us = identifyProcess(process.pid);
  if (us === null) throw new Error("this process cannot be identified");
  const content = JSON.stringify(us);
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  writeFileSync(draft, content, { mode: 0o600, flag: "wx" });
  try {
    for (let attempt = 0; attempt < takeoverAttempts; attempt++) {
      if (tryLink(draft, path)) return { release: () => releaseIfOurs(path, content) };
      const holder = readHolder(path);
      if (holder === "gone") continue;
      if (holder !== null && isRunning(holder)) throw new LockHeld(path, holder);
      if (succeed(path, holder, draft)) return { release: () => releaseIfOurs(path, content) };
      pause(takeoverPauseMs);
    }
  } finally {
    removeIfThere(draft);
  }
  throw new Error(`${path} changes hands too often`);
}

/** The running process that holds a lock; null: nobody does. */
export function lockHolder(path: string): ProcessIdentity | null {
  const holder = readHolder(path);
  return holder !== null && holder !== "gone" && isRunning(holder) ? holder : null;
}

/**
 * Replaces a dead holder's lock. Two may have seen it dead: only who links the takeover file may replace, and looks
 * again first, because the other may have been through already.
 */
function succeed(path: string, dead: ProcessIdentity | null, draft: string): boolean {
  const takeover = `${path}.takeover`;
  if (!tryLink(draft, takeover)) {
    const rival = readHolder(takeover);
    if (rival !== "gone" && (rival === null || !isRunning(rival))) removeIfThere(takeover);
    return false;
  }
  try {
    const now = readHolder(path);
    if (now === "gone" || now?.startedAt !== dead?.startedAt || now?.pid !== dead?.pid) return false;
    renameSync(draft, path);
    return true;
  } finally {
    removeIfThere(takeover);
  }
}

/** Blocks: the lock is taken before the process serves anyone, and by two at once hardly ever. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** null: a lock that says nothing sensible, so nobody's. */
function readHolder(path: string): ProcessIdentity | null | "gone" {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    const { pid, startedAt } = parsed as Partial<ProcessIdentity>;
    return typeof pid === "number" && typeof startedAt === "string" ? { pid, startedAt } : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : null;
  }
}

function releaseIfOurs(path: string, content: string): void {
  try {
    if (readFileSync(path, "utf8") === content) unlinkSync(path);
  } catch {
    // Gone already: the folder was removed under us.
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
