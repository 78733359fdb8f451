// npm runs a script through a shell; when npm is killed outright, nobody tells the script.
import { readFileSync } from "node:fs";

const pollMs = 250;

/** Calls back once when the parent ends, or, under npm on Linux, npm above the shell in between. */
export function whenAncestorEnds(callback) {
  const watched = [process.ppid];
  const grandparent = process.env.npm_lifecycle_event ? parentOf(process.ppid) : undefined;
  if (grandparent !== undefined && grandparent > 1 && commandOf(process.ppid) === "sh") watched.push(grandparent);
  const timer = setInterval(() => {
    if (process.ppid === watched[0] && watched.every(isAlive)) return;
    clearInterval(timer);
    callback();
  }, pollMs);
  timer.unref();
}

function statOf(pid) {
  try {
    // "pid (command) state parent …"; the command may hold anything, so it is cut out from both ends.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const [state, parent] = text.slice(end + 2).split(" ");
    return { command: text.slice(text.indexOf("(") + 1, end), state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

const parentOf = (pid) => statOf(pid)?.parent;
const commandOf = (pid) => statOf(pid)?.command;

function isAlive(pid) {
  if (process.platform === "linux") {
    const state = statOf(pid)?.state;
    return state !== undefined && state !== "Z";
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
