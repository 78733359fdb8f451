// How set-up speaks to the person: one line a step, its output only when it fails. Runs on Node 20.
import { spawn } from "node:child_process";

/** The process ends with this sentence and nothing else: no stack, no log. */
export class SetupError extends Error {}

const interactive = process.stderr.isTTY === true && !process.env.CI;

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends the process with one sentence for a SetupError, with the whole error for anything else. */
export function fail(error) {
  say(error instanceof SetupError ? `✗ ${error.message}` : `✗ ${error?.stack ?? error}`);
  process.exit(1);
}

/**
 * Runs a command as a named step: shows the name, its time, and a moving clock on a terminal; on failure the last lines
 * of its output and a SetupError.
 */
export async function runStep(name, command, args, options = {}) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  const { hint, ...spawnOptions } = options;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...spawnOptions });
  let output = "";
  let lastLine = "";
  const keep = (chunk) => {
    output = (output + chunk).slice(-16_384);
    const lines = String(chunk).trim().split("\n");
    lastLine = lines[lines.length - 1]?.slice(0, 60) ?? "";
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  if (!interactive) say(`• ${name} …`);
  const clock = interactive
    ? setInterval(() => process.stderr.write(`\r\x1b[2K• ${name} … ${seconds()}  ${lastLine}`), 200)
    : undefined;
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      output += error.message;
      resolve(-1);
    });
    child.on("close", resolve);
  });
  if (clock) clearInterval(clock);
  if (interactive) process.stderr.write("\r\x1b[2K");
  if (code !== 0) {
    say(output.trimEnd());
    throw new SetupError(`${name} failed${hint ? `: ${hint}` : " (its output is above)."}`);
  }
  say(`✓ ${name} (${seconds()})`);
}
