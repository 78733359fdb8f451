// The parent of the servers of one `startServices`, in a process of its own. It does what the caller says over the channel,
// and when the channel closes (the caller ended, or was killed) it kills them all, removes their folders and ends. Were they
// the caller's own children, a caller killed with -9 would leave them running.
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, processTree, signalProcess } from "./processes.mjs";

/** Linux ends the servers with this process, should it be killed itself. */
const tied = existsSync("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] : [];
const goneLimitMs = 10_000;

const servers = new Map();
const folders = new Set();

const requests = {
  /** Starts a program under a name; its end is told by an event. */
  run({ name, command, args, cwd, env, uid, gid, logFile }) {
    const log = openSync(logFile, "a");
    try {
      const [program, ...rest] = [...tied, command, ...args];
      const child = spawn(program, rest, {
        cwd,
        env,
        ...(uid === undefined ? {} : { uid, gid }),
        stdio: ["ignore", log, log],
        // A group of its own: Ctrl-C in a terminal is for the caller, who then stops the servers in order.
        detached: true,
      });
      servers.set(name, child);
      const ended = (reason) => {
        servers.delete(name);
        tell({ event: "end", name, reason });
      };
      child.on("error", (error) => ended(error.message));
      child.on("exit", (code, signal) => ended(signal ?? `status ${code}`));
      return { pid: child.pid ?? null };
    } finally {
      closeSync(log);
    }
  },

  /** SIGKILL, SIGSTOP and SIGCONT go to the whole tree, the others to the server, which knows what to do with its children. */
  async signal({ name, signal }) {
    const child = servers.get(name);
    if (child?.pid === undefined) return {};
    if (signal === "SIGKILL") await kill([child.pid]);
    else if (signal === "SIGSTOP") freeze(child.pid);
    else if (signal === "SIGCONT") for (const pid of processTree(child.pid)) signalProcess(pid, signal);
    else signalProcess(child.pid, signal);
    return {};
  },

  removeAtEnd({ folder }) {
    folders.add(folder);
    return {};
  },

  async end() {
    await endAll();
    return {};
  },
};

function tell(message) {
  if (process.connected) process.send(message, () => undefined);
}

/** A server may start children while it is being stopped: again, until there is no new one. */
function freeze(root) {
  const stopped = new Set();
  for (let isNew = true; isNew; ) {
    isNew = false;
    for (const pid of processTree(root).filter((one) => !stopped.has(one))) {
      signalProcess(pid, "SIGSTOP");
      stopped.add(pid);
      isNew = true;
    }
  }
}

/** Kills the trees and waits until they are gone: what a server holds (ports, shared memory) is free then. */
async function kill(roots) {
  const pids = roots.flatMap((root) => processTree(root));
  for (const pid of pids) signalProcess(pid, "SIGKILL");
  for (const end = Date.now() + goneLimitMs; pids.some(isRunning) && Date.now() < end; ) await sleep(5);
}

async function endAll() {
  await kill([...servers.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  folders.clear();
}

process.on("message", async ({ id, request, ...options }) => {
  try {
    tell({ id, answer: await requests[request](options) });
  } catch (error) {
    tell({ id, error: error.message });
  }
});

let isEnding = false;
async function end() {
  if (isEnding) return;
  isEnding = true;
  await endAll();
  process.exit(0);
}
process.on("disconnect", end);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, end);
