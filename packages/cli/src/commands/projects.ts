import type { Command } from "commander";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { printTable } from "../output/table.ts";
import { addEraseCommand } from "./projects-erase.ts";
import { type ManageOptions, withServerOptions } from "./server-options.ts";

export function addProjectCommands(program: Command, context: CliContext): void {
  const projects = program.command("projects").description("list, make and erase projects");
  withServerOptions(projects.command("list").description("list the projects that you may enter")).action(
    (options: ManageOptions) => listProjects(options, context),
  );
  withServerOptions(
    projects.command("create").description("make a project; its first administrator key is shown this once"),
  )
    .argument("<name>", "for people, to tell projects apart")
    .action((name: string, options: ManageOptions) => createProject(name, options, context));
  addEraseCommand(projects, context);
}

async function listProjects(options: ManageOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  const page = await client.listProjects({ limit: 200 });
  if (options.json) return context.stdout.line(JSON.stringify(page, null, 2));
  const rows = page.items.map(({ id, name, role }) => [id, role ?? "", name]);
  printTable(context.stdout, ["id", "role", "name"], rows);
}

async function createProject(name: string, options: ManageOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  const made = await client.createProject(name);
  const { stdout, stderr } = context;
  if (options.json) return stdout.line(JSON.stringify(made, null, 2));
  stderr.line(`${made.id}, with an administrator key, shown this once:`);
  stdout.line(made.api_key.secret);
}
