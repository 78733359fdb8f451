import type { User } from "@tda-platform/contract/access-schemas";
import { ROLES, type Role } from "@tda-platform/contract/permissions";
import type { TdaClient } from "@tda-platform/sdk";
import { type Command, Option } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { readSecret } from "../input/read-secret.ts";
import { printTable } from "../output/table.ts";
import { type ManageOptions, withServerOptions } from "./server-options.ts";

interface ChangeOptions extends ManageOptions {
  readonly role?: Role;
  readonly password?: true;
  readonly disable?: true;
  readonly enable?: true;
}

const role = (description: string) => new Option("--role <role>", description).choices(ROLES);

export function addUserCommands(program: Command, context: CliContext): void {
  const users = program.command("users").description("manage the users of a project");
  withServerOptions(users.command("list").description("list the members of the project")).action(
    (options: ManageOptions) => listUsers(options, context),
  );
  withServerOptions(users.command("add").description("make a user, or make one of another project a member"))
    .argument("<user>", "a new name; or the identifier (usr_…) of a user of another project")
    .addOption(role("what the user may in the project").default("analyst"))
    .option("--no-password", "make a user who cannot log in by password yet")
    .action((name: string, options: ManageOptions & { role: Role; password: boolean }) =>
      addUser(name, options, context),
    );
  withServerOptions(users.command("update").description("change a user's role, password, or close the account"))
    .argument("<user>", "name or identifier of the user")
    .addOption(role("what the user may in the project"))
    .option("--password", "set a new password, which is asked for or read from standard input")
    .option("--disable", "close the account")
    .option("--enable", "open it again")
    .action((name: string, options: ChangeOptions) => updateUser(name, options, context));
  withServerOptions(users.command("remove").description("remove a user from the project, or an account made in it"))
    .argument("<user>", "name or identifier of the user")
    .action((name: string, options: ManageOptions) => removeUser(name, options, context));
}

async function listUsers(options: ManageOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  const page = await client.listUsers({ limit: 200 });
  if (options.json) return context.stdout.line(JSON.stringify(page, null, 2));
  const rows = page.items.map(({ id, username, role: held, is_disabled }) => [
    id,
    username,
    held,
    is_disabled ? "closed" : "",
  ]);
  printTable(context.stdout, ["id", "name", "role", ""], rows);
}

async function addUser(
  name: string,
  options: ManageOptions & { role: Role; password: boolean },
  context: CliContext,
): Promise<void> {
  const { client } = await connect(options, context);
  const isMember = name.startsWith("usr_");
  const password = isMember || !options.password ? {} : { password: await readSecret(`Password for ${name}: `) };
  show(
    await client.createUser({
      role: options.role,
      ...(isMember ? { user_id: name } : { username: name, ...password }),
    }),
    options,
    context,
  );
}

async function updateUser(name: string, options: ChangeOptions, context: CliContext): Promise<void> {
  if (options.disable && options.enable) throw usageError("--disable and --enable exclude each other.");
  const change = {
    ...(options.role === undefined ? {} : { role: options.role }),
    ...(options.disable ? { is_disabled: true } : {}),
    ...(options.enable ? { is_disabled: false } : {}),
  };
  if (Object.keys(change).length === 0 && !options.password) throw usageError("Nothing is to be changed.");
  const { client } = await connect(options, context);
  const userId = await idOf(client, name);
  const password = options.password ? { password: await readSecret(`New password of ${name}: `) } : {};
  show(await client.updateUser(userId, { ...change, ...password }), options, context);
}

async function removeUser(name: string, options: ManageOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  await client.removeUser(await idOf(client, name));
  context.stdout.line(`Removed ${name}.`);
}

async function idOf(client: TdaClient, name: string): Promise<string> {
  if (name.startsWith("usr_")) return name;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<TdaClient["listUsers"]>> = await client.listUsers({
      limit: 200,
      ...(cursor && { cursor }),
    });
    const found = page.items.find(({ username }) => username === name.toLowerCase());
    if (found !== undefined) return found.id;
    cursor = page.next_cursor;
  }
  throw new CliError(`No user of the project is called ${name}.`, { hint: "`tda users list` shows them." });
}

function show(user: User, options: ManageOptions, { stdout }: CliContext): void {
  const text = `${user.username} (${user.id}), role ${user.role}${user.is_disabled ? ", closed" : ""}`;
  stdout.line(options.json ? JSON.stringify(user, null, 2) : text);
}
