// The black-box tests of streams on the whole platform: what it needs is installed and built here, so that no test waits for it.
import { installServices } from "../services/install.mjs";
import { buildStreamingJob } from "../setup/streaming-job.mjs";
import { runVitest } from "./vitest-suite.mjs";

export async function runStackSuite(context) {
  await installServices();
  await buildStreamingJob(context.root);
  return runVitest(context, "acceptance-stack");
}
