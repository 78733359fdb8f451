// Runs one suite as a child whose output is shown as it comes, and tells how it ended.
import { spawn } from "node:child_process";

export async function runSuite(command, args, options = {}) {
  const { timeoutMinutes = 30, ...spawnOptions } = options;
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], ...spawnOptions });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMinutes * 60_000);
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(-1);
    });
    child.on("close", (status, signal) => resolve(status ?? signal));
  });
  clearTimeout(timer);
  return code;
}

/**
 * A suite's counts from what its runner wrote. A runner that failed without a failed test (a crash, a time limit) counts
 * as one failure, and so does a suite that ran nothing.
 */
export function countsOf(code, { passed = 0, failed = 0, skipped = 0 }) {
  if (code !== 0 && failed === 0) return { passed, failed: 1, skipped, reason: `the runner ended with ${code}` };
  if (passed + failed === 0) return { passed, failed: 1, skipped, reason: "the suite ran no test" };
  return { passed, failed, skipped };
}
