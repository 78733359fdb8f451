// One process at a time. Runs on Node 20.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Does the work while no other process has the lock file; waits for one that has it, unless that one has ended. */
export async function exclusively(lockFile, work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  while (!take(lockFile)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function take(lockFile) {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (hasEnded(lockFile)) rmSync(lockFile, { force: true });
    return false;
  }
}

function hasEnded(lockFile) {
  try {
    const pid = Number(readFileSync(lockFile, "utf8"));
    if (pid > 0) process.kill(pid, 0);
    return false; // it runs, or has not written its number yet
  } catch (error) {
    return error.code === "ESRCH";
  }
}
