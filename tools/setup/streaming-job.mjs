// The Flink job: streaming/job/target/…-job.jar, built by Maven when a source changed. Runs on Node 20.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { requireMaven } from "../services/java/install.mjs";
import { runStep } from "./console.mjs";
import { digestOf, isStampCurrent, writeStamp } from "./stamp.mjs";

const title = "the Flink job";

/** Its path, or null in a checkout without streaming/. */
export async function buildStreamingJob(root) {
  const folder = join(root, "streaming");
  if (!existsSync(join(folder, "pom.xml"))) return null;
  const digest = digestOfSources(root);
  const built = jarOf(folder);
  if (built !== null && isStampCurrent(stampOf(root), digest)) return built;
  const java = await requireMaven(title, { withCompiler: true });
  await runStep(
    "Building the Flink job",
    "mvn",
    ["--batch-mode", "--no-transfer-progress", "-f", join(folder, "pom.xml"), "-DskipTests", "package"],
    { env: { ...process.env, JAVA_HOME: java } },
  );
  writeStamp(stampOf(root), digest);
  return jarOf(folder);
}

/** Call before Maven packages it with its tests, and what this returns after: then it is not built again. */
export function streamingJobIsBeingBuilt(root) {
  const digest = digestOfSources(root);
  return () => writeStamp(stampOf(root), digest);
}

const stampOf = (root) => join(root, "build", "streaming-job", ".tda-built");

function digestOfSources(root) {
  const folder = join(root, "streaming");
  return digestOf([
    join(folder, "pom.xml"),
    // Classes of events are made from them.
    join(root, "packages", "contract", "schemas"),
    ...modulesOf(folder).flatMap((name) => [join(folder, name, "pom.xml"), join(folder, name, "src", "main")]),
  ]);
}

function modulesOf(folder) {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "pom.xml")));
}

function jarOf(folder) {
  const target = join(folder, "job", "target");
  const name = existsSync(target) ? readdirSync(target).find((one) => one.endsWith("-job.jar")) : undefined;
  return name === undefined ? null : join(target, name);
}
