// One vitest project, counted from its JSON report.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { countsOf, runSuite } from "./run-suite.mjs";

export async function runVitest({ root, node }, project, env = {}) {
  const report = join(root, "build", "test-reports", `${project}.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const code = await runSuite(
    node,
    [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { cwd: root, env: { ...process.env, ...env } },
  );
  let counts = {};
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    counts = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  } catch {
    // no report: countsOf says that the runner failed or ran nothing
  }
  return countsOf(code, counts);
}
