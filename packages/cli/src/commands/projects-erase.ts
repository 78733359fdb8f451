import { setTimeout as sleep } from "node:timers/promises";
import type { Erasure } from "@tda-platform/contract/erasures";
import type { Command } from "commander";
import { connect } from "../connection/connect.ts";
import type { CliContext } from "../context.ts";
import { interruptible } from "../interruption.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import { type ManageOptions, withServerOptions } from "./server-options.ts";

interface EraseOptions extends ManageOptions {
  readonly name: string;
  readonly wait: boolean;
}

const POLL_MS = 1_000;

export function addEraseCommand(projects: Command, context: CliContext): void {
  withServerOptions(projects.command("erase").description("delete everything of a project, for good"))
    .argument("<project>", "identifier of the project, prj_…")
    .requiredOption("--name <name>", "the project's name, so that a wrong identifier erases nothing")
    .option("--no-wait", "do not wait for the end")
    .action((project: string, options: EraseOptions) => eraseProject(context, project, options));
}

async function eraseProject(context: CliContext, project: string, options: EraseOptions): Promise<void> {
  const { client } = await connect(options, context);
  const { stdout } = context;
  const erasure = await client.eraseProject(project, options.name);
  if (!options.wait) {
    if (options.json) return stdout.line(JSON.stringify(erasure, null, 2));
    return stdout.line(`The erasure ${erasure.id} is recorded, and goes on without this command.`);
  }
  const done = await interruptible((signal) => waitForEnd(context, (call) => client.erasure(erasure.id, call), signal));
  if (options.json) return stdout.line(JSON.stringify(done, null, 2));
  stdout.line(
    `${stdout.style("green", "✓")} Erased: ${done.rows_deleted} rows, ${done.blobs_deleted} objects (${done.id})`,
  );
}

async function waitForEnd(
  { stderr }: CliContext,
  read: (call: { readonly signal: AbortSignal }) => Promise<Erasure>,
  signal: AbortSignal,
): Promise<Erasure> {
  const bar = new ProgressBar(stderr, { fraction: null, text: "marked" });
  try {
    for (;;) {
      const erasure = await read({ signal });
      if (erasure.state === "erased") return erasure;
      const trouble = erasure.error === null ? "" : `, trying again (${erasure.error})`;
      bar.update({ fraction: null, text: `${erasure.state}, ${erasure.rows_deleted} rows${trouble}` });
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    bar.stop();
  }
}
