// Processes and their children, from /proc where there is one, else from ps.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** [pid, parent, state] of every process; those that only wait to be reaped have the state Z. */
function allProcesses() {
  if (!existsSync("/proc/self/stat")) {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" });
    return stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .map(([pid, parent, state]) => [Number(pid), Number(parent), state[0]]);
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
        return [[Number(pid), Number(parent), state]];
      } catch {
        return []; // it ended between the two calls
      }
    });
}

/** The process and all that it started, directly or not. */
export function processTree(root) {
  const all = allProcesses();
  const tree = [root];
  for (const pid of tree) tree.push(...all.filter(([, parent]) => parent === pid).map(([child]) => child));
  return tree;
}

export function isRunning(pid) {
  return allProcesses().some(([one, , state]) => one === pid && state !== "Z");
}

export function signalProcess(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}
