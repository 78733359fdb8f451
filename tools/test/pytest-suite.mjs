// One pytest folder in the pinned Python environment, counted from its JUnit report.
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { countsFromJunit } from "./junit.mjs";
import { countsOf, runSuite } from "./run-suite.mjs";
import { pythonEnvironment } from "./test-tools.mjs";

export async function runPytest({ root }, name, folder, env = {}) {
  const bin = await pythonEnvironment(join(root, "tools", "python", "requirements-test.txt"));
  const report = join(root, "build", "test-reports", `${name}.xml`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const code = await runSuite(
    join(bin, "python"),
    ["-m", "pytest", folder, "-q", "-p", "no:cacheprovider", `--junitxml=${report}`],
    { cwd: root, env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...env } },
  );
  return countsOf(code, countsFromJunit(report));
}
