import { AUDIT_OUTCOMES, type AuditEntry, type AuditExportQuery } from "@tda-platform/contract/audit-schemas";
import { type Command, InvalidArgumentError, Option } from "commander";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { printTable } from "../output/table.ts";
import { type ManageOptions, withServerOptions } from "./server-options.ts";

interface AuditOptions extends ManageOptions {
  readonly operation?: string;
  readonly actor?: string;
  readonly target?: string;
  readonly requestId?: string;
  readonly outcome?: (typeof AUDIT_OUTCOMES)[number];
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly export?: true;
}

export function addAuditCommand(program: Command, context: CliContext): void {
  withServerOptions(program.command("audit").description("show who did what in the project, newest first"))
    .option("--operation <id>", "only this operation, such as key.create")
    .option("--actor <id>", "only what this key or user did")
    .option("--target <id>", "only what was done to this")
    .option("--request-id <id>", "only this request")
    .addOption(new Option("--outcome <outcome>", "only what ended so").choices(AUDIT_OUTCOMES))
    .option("--from <time>", "only from this time on (RFC 3339)", utc)
    .option("--to <time>", "only before this time (RFC 3339)", utc)
    .option("--limit <n>", "rows to show", rows, 50)
    .option("--export", "print every row as a line of JSON")
    .action((options: AuditOptions) => showAudit(options, context));
}

async function showAudit(options: AuditOptions, context: CliContext): Promise<void> {
  const { client } = await connect(options, context);
  const { operation, actor: actor_id, target, requestId: request_id, outcome, from, to, limit } = options;
  const given = { operation, actor_id, target, request_id, outcome, from, to };
  const filter = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as AuditExportQuery;
  const { stdout } = context;
  if (options.export) {
    for await (const entry of client.auditEntries(filter)) stdout.line(JSON.stringify(entry));
    return;
  }
  const page = await client.listAudit({ ...filter, limit });
  if (options.json) return stdout.line(JSON.stringify(page, null, 2));
  printTable(stdout, ["time", "who", "operation", "outcome", "target", "address"], page.items.map(rowOf));
}

function rowOf({ occurred_at, actor_id, operation, outcome, status, target, address, count }: AuditEntry): string[] {
  const times = count === 1 ? "" : ` ×${count}`;
  return [occurred_at, actor_id ?? "nobody", operation + times, `${outcome} (${status})`, target ?? "", address ?? ""];
}

function utc(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError("It looks like 2026-11-26T08:00:00Z.");
  return new Date(time).toISOString();
}

function rows(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 200) throw new InvalidArgumentError("It is 1 to 200.");
  return count;
}
