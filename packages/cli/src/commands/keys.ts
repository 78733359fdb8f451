import type { CreatedKey } from "@tda-platform/contract/access-schemas";
import { type Permission, ROLES, type Role } from "@tda-platform/contract/permissions";
import { type Command, InvalidArgumentError, Option } from "commander";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { printTable } from "../output/table.ts";
import { type ManageOptions, withServerOptions } from "./server-options.ts";

interface NewKeyOptions extends ManageOptions {
  readonly role: Role;
  readonly scope?: readonly string[];
  readonly expiresInDays?: number;
}

const DAY_MS = 86_400_000;

export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command("keys").description("manage the API keys of a project");
  withServerOptions(keys.command("list").description("list the keys, newest first")).action((options: ManageOptions) =>
    listKeys(options, context),
  );
  withServerOptions(keys.command("create").description("make a key; its secret is shown this once"))
    .argument("<name>", "for people, to tell keys apart")
    .addOption(new Option("--role <role>", "what the key may").choices(ROLES).default("analyst"))
    .option("--scope <permission...>", "permissions of the role to keep (default: all)")
    .option("--expires-in-days <n>", "end of the key (default: never)", days)
    .action((name: string, options: NewKeyOptions) => createKey(name, options, context));
  withServerOptions(keys.command("rotate").description("replace a key by one like it"))
    .argument("<key>", "identifier of the key")
    .option("--overlap-seconds <n>", "how long the old key is accepted beside the new one", days, 0)
    .action((keyId: string, options: ManageOptions & { overlapSeconds: number }) => rotateKey(keyId, options, context));
  withServerOptions(keys.command("revoke").description("revoke a key"))
    .argument("<key>", "identifier of the key")
    .action((keyId: string, options: ManageOptions) => revokeKey(keyId, options, context));
}

async function listKeys(options: ManageOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  const page = await client.listKeys({ limit: 200 });
  if (options.json) return context.stdout.line(JSON.stringify(page, null, 2));
  const rows = page.items.map((key) => [
    key.id,
    `tda_${key.prefix}_…`,
    key.role + (key.scopes === null ? "" : ` (${key.scopes.join(", ")})`),
    key.expires_at ?? "never",
    key.last_used_at ?? "never",
    key.name,
  ]);
  printTable(context.stdout, ["id", "key", "role", "expires", "last used", "name"], rows);
}

async function createKey(name: string, options: NewKeyOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  const { role, scope, expiresInDays } = options;
  const made = await client.createKey({
    name,
    role,
    ...(scope === undefined ? {} : { scopes: scope as Permission[] }),
    ...(expiresInDays === undefined ? {} : { expires_at: new Date(Date.now() + expiresInDays * DAY_MS).toISOString() }),
  });
  showCreated(made, options, context);
}

async function rotateKey(
  keyId: string,
  options: ManageOptions & { overlapSeconds: number },
  context: CliContext,
): Promise<void> {
  const { client } = await connect(options, context);
  showCreated(await client.rotateKey(keyId, options.overlapSeconds), options, context);
}

async function revokeKey(keyId: string, options: ManageOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  await client.revokeKey(keyId);
  context.stdout.line(`Revoked ${keyId}.`);
}

/** The secret alone on standard output, so that it can be caught in a variable. */
function showCreated(made: CreatedKey, options: ManageOptions, { stdout, stderr }: CliContext): void {
  if (!options.json) stderr.line(`${made.id}, role ${made.role}, shown this once:`);
  stdout.line(options.json ? JSON.stringify(made, null, 2) : made.secret);
}

function days(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
