/** The command `tda`. docs/reference/cli.md is its reference. */
import { explainError } from "./explain-error.ts";
import { buildProgram } from "./program.ts";
import { terminalOf } from "./terminal.ts";

const stdout = terminalOf(process.stdout);
const stderr = terminalOf(process.stderr);

// A reader that has seen enough (`| head`) closes the pipe: that ends the command, quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? 0);
});

try {
  await buildProgram({ stdout, stderr, env: process.env }).parseAsync(process.argv);
} catch (error) {
  const { message, details, hint, exitCode } = explainError(error);
  if (message !== null) stderr.line(`${stderr.style("red", "✗")} ${message}`);
  for (const detail of details) stderr.line(`  ${detail}`);
  if (hint !== null) stderr.line(`  ${stderr.style("cyan", hint)}`);
  process.exitCode = exitCode;
}
