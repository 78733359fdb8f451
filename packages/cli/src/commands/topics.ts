import { type Command, InvalidArgumentError } from "commander";
import type { CliContext } from "../context.ts";
import { printTable } from "../output/table.ts";

interface ApplyCommandOptions {
  readonly replicas?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

export function addTopicCommands(program: Command, context: CliContext): void {
  const topics = program.command("topics").description("make and configure the topics of events in Kafka");
  topics
    .command("apply")
    .description("make the topics that are missing and set what differs; never changes a number of partitions")
    .option("--replicas <n>", "of topics that are made (default: 3, or as many as there are brokers)", parseReplicas)
    .option("--dry-run", "tell what would be done")
    .option("--json", "print JSON")
    .action((options: ApplyCommandOptions) => applyTopics(context, options));
}

async function applyTopics({ env, stdout }: CliContext, options: ApplyCommandOptions): Promise<void> {
  // Loaded only here: no other command needs Kafka.
  const { applyEventTopics } = await import("@tda-platform/server/start/event-topics");
  const isDryRun = options.dryRun === true;
  const applied = await applyEventTopics(env, { replicas: options.replicas ?? null, isDryRun });
  if (options.json === true) {
    stdout.line(JSON.stringify(applied, null, 2));
    return;
  }
  const rows = applied.map(({ name, partitions, replicas, outcome, settings }) => [
    name,
    String(partitions),
    String(replicas),
    outcome,
    settings.join(" "),
  ]);
  printTable(stdout, ["topic", "partitions", "replicas", isDryRun ? "would be" : "is", "settings"], rows);
}

function parseReplicas(text: string): number {
  const replicas = Number(text);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 100) {
    throw new InvalidArgumentError("It is a whole number from 1 to 100.");
  }
  return replicas;
}
