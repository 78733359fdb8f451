import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";

/** The version of this package: all parts of the platform are released together under one. */
function platformVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

export function addVersionCommand(program: Command, { stdout }: CliContext): void {
  program.version(platformVersion(), "-V, --version", "print the version");
  program
    .command("version")
    .description("print the version of tda and of Node.js")
    .action(() =>
      stdout.line(`tda ${platformVersion()} (Node.js ${process.versions.node}, ${process.platform}-${process.arch})`),
    );
}
