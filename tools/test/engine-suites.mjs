// The engine's suites: GoogleTest in three builds (as shipped, without vector code, under sanitizers), and the fuzzers.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { configureAndBuild } from "../setup/engine.mjs";
import { findCompiler } from "../setup/required-tools.mjs";
import { countsFromJunit } from "./junit.mjs";
import { countsOf, runSuite } from "./run-suite.mjs";

const clang = "clang++-19";

async function runCtest(root, name, compiler, defines, env = {}) {
  await configureAndBuild(root, name, `Building ${name}`, compiler, ["-DTDA_BUILD_TESTS=ON", ...defines]);
  const report = join(root, "build", name, "ctest.xml");
  const code = await runSuite(
    "ctest",
    [
      "--test-dir",
      join(root, "build", name),
      "--output-on-failure",
      "--progress",
      "--no-tests=error",
      "-j",
      String(availableParallelism()),
      "--output-junit",
      report,
    ],
    { cwd: root, env: { ...process.env, ...env } },
  );
  return countsOf(code, countsFromJunit(report));
}

export const runEngineTests = ({ root }) =>
  runCtest(root, "engine-tests", findCompiler().command, ["-DCMAKE_BUILD_TYPE=Release"]);

export const runScalarEngineTests = ({ root }) =>
  runCtest(
    root,
    "engine-tests-scalar",
    findCompiler().command,
    ["-DCMAKE_BUILD_TYPE=Release", "-DTDA_SCALAR_ONLY=ON"],
    {
      TDA_TEST_SCALE: "0.3",
    },
  );

export const runSanitizedEngineTests = ({ root }) =>
  runCtest(
    root,
    "engine-tests-sanitized",
    clang,
    ["-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DTDA_SANITIZE=address,undefined"],
    {
      TDA_TEST_SCALE: "0.1",
      ASAN_OPTIONS: "detect_leaks=1:allocator_may_return_null=1",
      UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    },
  );

/** A short run of every libFuzzer target from its seed corpus; a long one is `TDA_FUZZ_SECONDS=3600 npm test -- fuzz`. */
export async function runFuzzers({ root }) {
  const seconds = process.env.TDA_FUZZ_SECONDS ?? "30";
  await configureAndBuild(root, "engine-fuzz", "Building the fuzzers", clang, [
    "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
    "-DTDA_BUILD_FUZZ=ON",
    "-DTDA_SANITIZE=address,undefined",
  ]);
  const folder = join(root, "build", "engine-fuzz", "bin");
  const targets = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith("_fuzz")) : [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const target of targets) {
    const corpus = join(root, "build", "engine-fuzz", "corpus", target);
    mkdirSync(corpus, { recursive: true });
    const code = await runSuite(
      join(folder, target),
      [
        corpus,
        `-max_total_time=${seconds}`,
        "-rss_limit_mb=2048",
        "-timeout=20",
        "-print_final_stats=1",
        "-verbosity=0",
      ],
      { cwd: join(root, "build", "engine-fuzz") },
    );
    process.stdout.write(`${code === 0 ? "✓" : "✗"} ${target}: ${seconds} s\n`);
    counts[code === 0 ? "passed" : "failed"] += 1;
  }
  return countsOf(0, counts);
}
