import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { printTable } from "../output/table.ts";

interface SchemaCommandOptions {
  readonly released?: string;
  readonly json?: true;
}

export function addSchemaCommands(program: Command, context: CliContext): void {
  const schemas = program.command("schemas").description("check and register the schemas of events");
  schemas
    .command("check")
    .description("fail unless this release reads what all versions in the registry, and the last release, wrote")
    .option("--released <folder>", "of the last release's schemas (default: those kept with this one)")
    .option("--json", "print JSON")
    .action((options: SchemaCommandOptions) => checkSchemas(context, options));
  schemas
    .command("register")
    .description("register the schemas of this release in the schema registry")
    .option("--json", "print JSON")
    .action((options: SchemaCommandOptions) => registerSchemas(context, options));
}

async function checkSchemas({ env, stdout }: CliContext, { released, json }: SchemaCommandOptions): Promise<void> {
  const start = await import("@tda-platform/server/start/event-schemas");
  const checked = await start.checkSchemas(env, released);
  if (json === true) {
    stdout.line(JSON.stringify(checked, null, 2));
    return;
  }
  const rows = checked.map(({ subject, schema, registered, isKnown, isReleased }) => [
    subject,
    schema,
    registered === null ? "no registry" : `${registered} versions${isKnown ? ", this one among them" : ""}`,
    isReleased ? "read" : "none",
  ]);
  printTable(stdout, ["subject", "schema", "registry", "last release"], rows);
}

async function registerSchemas({ env, stdout }: CliContext, { json }: SchemaCommandOptions): Promise<void> {
  const start = await import("@tda-platform/server/start/event-schemas");
  const registered = await start.registerSchemas(env);
  if (json === true) stdout.line(JSON.stringify(registered, null, 2));
  else {
    const rows = registered.map(({ subject, schema, id }) => [subject, schema, String(id)]);
    printTable(stdout, ["subject", "schema", "id"], rows);
  }
}
