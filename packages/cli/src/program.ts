import { Command } from "commander";
import { addAuditCommand } from "./commands/audit.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addComputeCommands } from "./commands/compute-vietoris-rips.ts";
import { addConfigCommands } from "./commands/config-print.ts";
import { addDatasetCommands } from "./commands/datasets.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addJobsCommands } from "./commands/jobs.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addLoginCommands } from "./commands/login.ts";
import { addProjectCommands } from "./commands/projects.ts";
import { addSchemaCommands } from "./commands/schemas.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addStreamsCommands } from "./commands/streams.ts";
import { addTopicCommands } from "./commands/topics.ts";
import { addUserCommands } from "./commands/users.ts";
import { addVersionCommand } from "./commands/version.ts";
import type { CliContext } from "./context.ts";

const EXAMPLES = `
Examples:
  npx --no-install tda serve
  npx --no-install tda compute vietoris-rips examples/two-circles.csv
  npx --no-install tda compute vietoris-rips cloud.npy --max-dimension 2 --local
  npx --no-install tda doctor

Exit codes: 0 success, 1 failure, 2 wrong command line or settings, 130 interrupted.`;

export function buildProgram(context: CliContext): Command {
  const program = new Command("tda")
    .description("Persistent homology from the command line, and the server that computes it.")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("Add --help for the options.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      outputError: (text, write) => write(`${context.stderr.style("red", "✗")} ${text.replace(/^error: /, "")}`),
    });
  addServeCommand(program, context);
  addComputeCommands(program, context);
  addDatasetCommands(program, context);
  addJobsCommands(program, context);
  addStreamsCommands(program, context);
  addLoginCommands(program, context);
  addKeyCommands(program, context);
  addUserCommands(program, context);
  addProjectCommands(program, context);
  addAuditCommand(program, context);
  addBackupCommands(program, context);
  addTopicCommands(program, context);
  addSchemaCommands(program, context);
  addConfigCommands(program, context);
  addDoctorCommand(program, context);
  addVersionCommand(program, context);
  return program;
}
