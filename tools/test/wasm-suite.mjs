// The WebAssembly build: GoogleTest's programs under Node's WASI, then the typed engine in Node and in a browser (vitest).
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requireDebianPackages } from "../setup/debian-packages.mjs";
import { buildWasm, buildWasmTargets } from "../setup/wasm.mjs";
import { countsFromJunit } from "./junit.mjs";
import { countsOf, runSuite } from "./run-suite.mjs";
import { runVitest } from "./vitest-suite.mjs";

const programName = /^tda_(.+)_tests\.wasm$/;

export async function runWasmSuite({ root, node }) {
  await requireDebianPackages("The tests in a browser", [
    { name: "chromium", has: () => existsSync("/usr/bin/chromium") },
  ]);
  await buildWasm(root);
  const rows = [await runVitest({ root, node }, "wasm")];
  const folder = await buildWasmTargets(root, "Building the WebAssembly tests", ["-DTDA_BUILD_TESTS=ON"]);
  for (const file of readdirSync(join(folder, "bin"))) {
    const name = programName.exec(file)?.[1];
    if (name !== undefined) rows.push(await runProgram(root, node, join(folder, "bin", file), name));
  }
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const reason = rows.map((row) => row.reason).find(Boolean);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), ...(reason ? { reason } : {}) };
}

async function runProgram(root, node, file, name) {
  const report = join(root, "build", "test-reports", `wasm-${name}.xml`);
  mkdirSync(join(root, "build", "test-reports"), { recursive: true });
  rmSync(report, { force: true });
  const code = await runSuite(
    node,
    [
      "--no-warnings",
      join(root, "engine", "tests", "wasi", "run.mjs"),
      file,
      "--gtest_brief=1",
      `--gtest_output=xml:${report}`,
    ],
    { cwd: root, env: { ...process.env, TDA_TEST_SCALE: "0.1" } },
  );
  return countsOf(code, countsFromJunit(report));
}
