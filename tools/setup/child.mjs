// A child that stands for this process: signals go on to it, and both end together.
import { fail } from "./console.mjs";

/**
 * A terminal signals the whole group, npm and a supervisor only us: passing every signal on is right in both, since the child
 * counts repeats within 2 s as one, and orders its own end.
 */
export function endTogether(child) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // npm tells nobody when it is killed outright. (It runs us by `exec`, so that it is our parent and no shell is.)
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 250);
  watch.unref();
  child.on("error", fail);
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGKILL" ? 137 : 1)));
}
