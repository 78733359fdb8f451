import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { BackupSummary } from "@tda-platform/server/start/backup/summary";
import type { Command } from "commander";
import { usageError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { ProgressBar } from "../output/progress-bar.ts";

interface BackupCommandOptions {
  readonly passphraseFile?: string;
  readonly json?: true;
}

type Work = (options: {
  readonly env: CliContext["env"];
  readonly folder: string;
  readonly passphrase: string | null;
  readonly onPart: (file: string) => void;
}) => Promise<BackupSummary>;

const DESCRIPTIONS = {
  create: "write a backup of database, objects and (under a passphrase) keys into a new folder",
  verify: "read a whole backup and name the part that is damaged",
  restore: "restore a backup into an empty data folder and database",
} as const;
type Verb = keyof typeof DESCRIPTIONS;

export function addBackupCommands(program: Command, context: CliContext): void {
  const backup = program.command("backup").description("back up, verify and restore everything that the server keeps");
  for (const verb of Object.keys(DESCRIPTIONS) as Verb[]) {
    backup
      .command(verb)
      .argument("<folder>", "of the backup")
      .description(DESCRIPTIONS[verb])
      .option("--passphrase-file <file>", "file with the passphrase of the keys in the backup; - for standard input")
      .option("--json", "print JSON")
      .action((folder: string, options: BackupCommandOptions) => runBackup(context, verb, folder, options));
  }
}

async function runBackup(
  context: CliContext,
  verb: Verb,
  folder: string,
  options: BackupCommandOptions,
): Promise<void> {
  const passphrase = options.passphraseFile === undefined ? null : await readPassphrase(options.passphraseFile);
  const bar = new ProgressBar(context.stderr, { fraction: null, text: folder });
  const onPart = (file: string): void => bar.update({ fraction: null, text: file });
  let summary: BackupSummary;
  try {
    summary = await (await workOf(verb))({ env: context.env, folder, passphrase, onPart });
  } finally {
    bar.stop();
  }
  if (options.json === true) context.stdout.line(JSON.stringify(summary, null, 2));
  else tell(context, verb, summary);
}

/** Loaded only here: no other command needs the database. */
async function workOf(verb: Verb): Promise<Work> {
  switch (verb) {
    case "create":
      return (await import("@tda-platform/server/start/backup/create-backup")).createBackup;
    case "verify":
      return (await import("@tda-platform/server/start/backup/verify-backup")).verifyBackup;
    case "restore":
      return (await import("@tda-platform/server/start/backup/restore-backup")).restoreBackup;
  }
}

/** The first line: an editor's line end is no part of it. */
async function readPassphrase(file: string): Promise<string> {
  try {
    const content = file === "-" ? await text(process.stdin) : readFileSync(file, "utf8");
    return content.split(/\r?\n/, 1)[0] ?? "";
  } catch (error) {
    throw usageError(`The passphrase cannot be read from ${file} (${(error as NodeJS.ErrnoException).code}).`);
  }
}

const DONE: Readonly<Record<Verb, string>> = { create: "Backed up", verify: "Whole", restore: "Restored" };

function tell({ stdout }: CliContext, verb: Verb, summary: BackupSummary): void {
  const { folder, createdAt, serverVersion, schemaVersion, tables, rows, blobs, hasKeys, keysApart, masterKeyIds } =
    summary;
  stdout.line(`${stdout.style("green", "✓")} ${DONE[verb]}: ${folder}`);
  stdout.line(`  of       ${createdAt}, release ${serverVersion}, schema ${schemaVersion}`);
  stdout.line(`  holds    ${rows} rows of ${tables} tables, ${blobs} objects, ${hasKeys ? "the keys" : "no keys"}`);
  if (keysApart.length > 0)
    stdout.line(`  keep     keys/{${keysApart.join(",")}} of the data folder, elsewhere: they are not in it`);
  if (!hasKeys && masterKeyIds.length > 0)
    stdout.line(`  needs    the encryption keys ${masterKeyIds.join(", ")} to be read`);
}
