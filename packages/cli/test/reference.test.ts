import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { EXIT } from "../src/cli-error.ts";
import { FILE_FORMATS } from "../src/input/file-format.ts";
import { buildProgram } from "../src/program.ts";
import { terminalOf } from "../src/terminal.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "reference", "cli.md"), "utf8");
const terminal = terminalOf(process.stdout);
const program = buildProgram({ stdout: terminal, stderr: terminal, env: {} });

/** Every command that does something, with its path. */
function commandsOf(command: Command, path: string): [string, Command][] {
  const subcommands = command.commands.flatMap((one) => commandsOf(one, `${path} ${one.name()}`));
  return subcommands.length > 0 ? subcommands : [[path, command]];
}

it.each(commandsOf(program, "tda"))("the reference page has `%s` and each of its options", (path, command) => {
  expect(page).toContain(`## ${path}`);
  for (const option of command.options) expect(page).toContain(`\`${option.long}`);
});

it("the reference page has every exit code and file format", () => {
  for (const code of Object.values(EXIT)) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
  for (const format of FILE_FORMATS) expect(page).toMatch(new RegExp(`^\\| \`${format}\` \\|`, "m"));
});
