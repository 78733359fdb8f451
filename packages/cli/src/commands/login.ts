import { createClient } from "@tda-platform/sdk";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { connect } from "../connection/connect.ts";
import { findServer } from "../connection/find-server.ts";
import { LoginFile } from "../connection/login-file.ts";
import type { CliContext } from "../context.ts";
import { readLine, readSecret } from "../input/read-secret.ts";
import { type ManageOptions, withServerOptions } from "./server-options.ts";

interface LoginOptions {
  readonly server?: string;
  readonly username?: string;
  readonly project?: string;
}

export function addLoginCommands(program: Command, context: CliContext): void {
  program
    .command("login")
    .description("log in on a server as a user")
    .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
    .option("--username <name>", "name of the user (default: asked for)")
    .option("--project <id>", "the project to enter (default: the first that you are a member of)")
    .action((options: LoginOptions) => logIn(options, context));
  program
    .command("logout")
    .description("end the login on a server")
    .option("--server <url>", "server to use (default: TDA_SERVER_URL, then the one running on the data folder)")
    .action((options: LoginOptions) => logOut(options, context));
  withServerOptions(program.command("whoami").description("show who you are on a server, and what you may")).action(
    (options: ManageOptions) => whoAmI(options, context),
  );
}

async function logIn({ username, project, ...options }: LoginOptions, context: CliContext): Promise<void> {
  const { url } = findServer(options, context);
  const name = username ?? (await readLine("User name: "));
  const password = await readSecret(`Password of ${name}: `);
  const client = createClient({ baseUrl: url });
  const token = await client.logIn({
    username: name,
    password,
    ...(project === undefined ? {} : { projectId: project }),
  });
  const file = new LoginFile(context.env);
  await file.locked(async () => file.write(url, token, name));
  context.stdout.line(`Logged in on ${url} as ${name}, project ${token.project_id}.`);
}

async function logOut(options: LoginOptions, context: CliContext): Promise<void> {
  const { url } = findServer(options, context);
  const file = new LoginFile(context.env);
  const login = file.read(url);
  if (login === null) throw new CliError(`Nobody is logged in on ${url}.`);
  // Gone from here in any case: what the server did not hear ends by itself.
  await file.locked(async () => file.remove(url));
  await createClient({ baseUrl: url }).logOut(login.refresh_token);
  context.stdout.line(`Logged out on ${url}.`);
}

async function whoAmI(options: ManageOptions, context: CliContext): Promise<void> {
  const { client, url } = await connect(options, context);
  const me = await client.me();
  const { stdout } = context;
  if (options.json) return stdout.line(JSON.stringify(me, null, 2));
  stdout.line(`${me.username ?? me.id} on ${url}`);
  stdout.line(`  project      ${me.project_name} (${me.project_id})`);
  stdout.line(`  role         ${me.role}`);
  stdout.line(`  permissions  ${me.permissions.join(", ")}`);
}
