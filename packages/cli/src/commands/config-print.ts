import { describeSettings } from "@tda-platform/server/config/describe-settings";
import { loadSettings } from "@tda-platform/server/config/settings";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";

export function addConfigCommands(program: Command, context: CliContext): void {
  program
    .command("config")
    .description("look at the settings")
    .command("print")
    .description("print every setting, where its value comes from, and no secret")
    .option("--json", "print JSON")
    .action((options: { json?: true }) => printConfig(context, options.json === true));
}

function printConfig({ stdout, env }: CliContext, asJson: boolean): void {
  const settings = describeSettings(loadSettings(env));
  if (asJson) {
    const entries = settings.map(({ name, value, source }) => ({ name, value, source }));
    stdout.line(JSON.stringify({ settings: entries }, null, 2));
    return;
  }
  const width = Math.max(...settings.map(({ name }) => name.length));
  let group = "";
  for (const setting of settings) {
    if (setting.group !== group) {
      group = setting.group;
      stdout.line(`${stdout.style("bold", `# ${group}`)}`);
    }
    const value = setting.value ?? stdout.style("dim", "(not set)");
    const source = setting.source === "default" ? "" : stdout.style("cyan", `  ← ${setting.source}`);
    stdout.line(`${setting.name.padEnd(width)}  ${value}${source}`);
  }
}
