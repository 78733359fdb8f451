import { loadSettings, type Settings, SettingsError } from "@tda-platform/server/config/settings";
import type { Command } from "commander";
import { EXIT } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { checkBuildTools, checkJava } from "../doctor/build-tools.ts";
import type { Finding } from "../doctor/check.ts";
import { checkEngineAddon, checkEngineHost, isEngineBuilt } from "../doctor/engine-check.ts";
import { checkDatabase, checkDataFolder, checkPort } from "../doctor/server-checks.ts";

const MARKS = { ok: ["green", "✓"], missing: ["red", "✗"], optional: ["yellow", "!"] } as const;

export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command("doctor")
    .description("check what the platform needs on this machine, each with the fix")
    .action(() => runDoctor(context));
}

async function runDoctor(context: CliContext): Promise<void> {
  const findings: Finding[] = [
    { name: "Node.js", status: "ok", detail: `${process.versions.node} (${process.execPath})` },
  ];
  const settings = readSettings(context, findings);
  const executable = settings?.engineHostExecutable ?? null;
  if (settings?.featureMockCppEngine === true) {
    findings.push({ name: "Engine", status: "ok", detail: "FEATURE_MOCK_CPP_ENGINE=true: the TypeScript engine" });
  } else {
    findings.push(...checkBuildTools(context.env, isEngineBuilt(executable)));
    findings.push(await checkEngineHost(executable), checkEngineAddon());
  }
  if (settings !== null) {
    findings.push(await checkPort(settings), checkDataFolder(settings.dataDir), checkDatabase(settings));
  }
  findings.push(checkJava());
  report(findings, context);
  if (findings.some(({ status }) => status === "missing")) process.exitCode = EXIT.failure;
}

function readSettings({ env }: CliContext, findings: Finding[]): Settings | null {
  try {
    const settings = loadSettings(env);
    findings.push({ name: "Settings", status: "ok", detail: "`tda config print` shows them" });
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    findings.push({ name: "Settings", status: "missing", detail: error.message, fix: "Mend or unset it." });
    return null;
  }
}

function report(findings: readonly Finding[], { stdout }: CliContext): void {
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, status, detail, fix } of findings) {
    const [style, mark] = MARKS[status];
    stdout.line(`${stdout.style(style, mark)} ${name.padEnd(width)}  ${detail}`);
    if (fix !== undefined) stdout.line(`${" ".repeat(width + 4)}${stdout.style("cyan", fix)}`);
  }
  const missing = findings.filter(({ status }) => status === "missing").length;
  stdout.line();
  stdout.line(missing === 0 ? stdout.style("green", "Everything that is needed is here.") : `${missing} to mend.`);
}
