// streaming/: JUnit under Maven, with random logs that the TypeScript runner has run before, then the job on Kafka and Flink (vitest).
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requireMaven } from "../services/java/install.mjs";
import { runStep } from "../setup/console.mjs";
import { streamingJobIsBeingBuilt } from "../setup/streaming-job.mjs";
import { countsFromJunit } from "./junit.mjs";
import { countsOf, runSuite } from "./run-suite.mjs";
import { runVitest } from "./vitest-suite.mjs";

const modules = ["core", "job"];
const randomLogs = "500";

export async function runStreamingSuite({ root, node }) {
  const java = await requireMaven("the Flink job", { withCompiler: true });
  const logs = join(root, "build", "stream-logs.jsonl");
  mkdirSync(join(root, "build"), { recursive: true });
  const generator = join(root, "tools", "generate", "stream-logs.ts");
  await runStep("Running random logs in TypeScript", node, [generator, "--count", randomLogs, "--out", logs]);

  const reports = modules.map((name) => join(root, "streaming", name, "target", "surefire-reports"));
  for (const folder of reports) rmSync(folder, { recursive: true, force: true });
  const isBuilt = streamingJobIsBeingBuilt(root);
  const code = await runSuite(
    "mvn",
    [
      "--batch-mode",
      "--no-transfer-progress",
      "-f",
      join(root, "streaming", "pom.xml"),
      "-Dstyle.color=never",
      // All modules are tested, whatever fails in the first.
      "--fail-at-end",
      `-Dstream.logs=${logs}`,
      "package",
    ],
    { cwd: root, env: { ...process.env, JAVA_HOME: java } },
  );
  const rows = [countsOf(code, sumOf(reports.flatMap(filesOf).map(countsFromJunit)))];
  if (code === 0) isBuilt();
  if (code === 0) rows.push(await runVitest({ root, node }, "streaming"));
  const reason = rows.map((row) => row.reason).find(Boolean);
  return { ...sumOf(rows), ...(reason ? { reason } : {}) };
}

function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => (name.endsWith(".xml") ? [join(folder, name)] : []));
}

function sumOf(counts) {
  const sum = (key) => counts.reduce((total, one) => total + (one[key] ?? 0), 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}
