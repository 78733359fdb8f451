// The engine's suites: GoogleTest in four builds (as shipped, without vector code, under two kinds of sanitizers), and the fuzzers.
import { mkdirSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { configureAndBuild } from "../setup/engine.mjs";
import { findCompiler } from "../setup/required-tools.mjs";
import { countsFromJunit } from "./junit.mjs";
import { countsOf, runSuite } from "./run-suite.mjs";

/** Tests and fuzzers share one sanitized build. */
const sanitizedBuild = {
  name: "engine-sanitized",
  compiler: "clang++-19",
  defines: [
    "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
    "-DTDA_SANITIZE=address,undefined",
    "-DTDA_BUILD_TESTS=ON",
    "-DTDA_BUILD_FUZZ=ON",
    "-DTDA_BUILD_NODE=OFF",
  ],
};

function testBuild(name, defines = []) {
  return {
    name,
    compiler: findCompiler().command,
    defines: [
      "-DCMAKE_BUILD_TYPE=Release",
      "-DTDA_BUILD_TESTS=ON",
      "-DTDA_BUILD_HOST=OFF",
      "-DTDA_BUILD_NODE=OFF",
      ...defines,
    ],
  };
}

const build = (root, { name, compiler, defines }) =>
  configureAndBuild(root, name, `Building ${name}`, compiler, defines);

async function runCtest(root, configuration, env = {}) {
  await build(root, configuration);
  const folder = join(root, "build", configuration.name);
  const report = join(folder, "ctest.xml");
  const parallel = String(availableParallelism());
  const code = await runSuite(
    "ctest",
    ["--test-dir", folder, "--output-on-failure", "--no-tests=error", "-j", parallel, "--output-junit", report],
    { cwd: root, env: { ...process.env, ...env } },
  );
  return countsOf(code, countsFromJunit(report));
}

export const runEngineTests = ({ root }) => runCtest(root, testBuild("engine-tests"));

export const runScalarEngineTests = ({ root }) =>
  runCtest(root, testBuild("engine-tests-scalar", ["-DTDA_SCALAR_ONLY=ON"]), { TDA_TEST_SCALE: "0.3" });

export const runSanitizedEngineTests = ({ root }) =>
  runCtest(root, sanitizedBuild, {
    TDA_TEST_SCALE: "0.1",
    ASAN_OPTIONS: "detect_leaks=1:allocator_may_return_null=1",
    UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
  });

export async function runThreadedEngineTests({ root }) {
  const name = "engine-threads";
  await configureAndBuild(
    root,
    name,
    `Building ${name}`,
    sanitizedBuild.compiler,
    [
      "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
      "-DTDA_SANITIZE=thread",
      "-DTDA_BUILD_TESTS=ON",
      "-DTDA_BUILD_HOST=OFF",
      "-DTDA_BUILD_NODE=OFF",
    ],
    ["tda_threads_tests"],
  );
  const folder = join(root, "build", name);
  const report = join(folder, "threads.xml");
  const code = await runSuite(
    join(folder, "bin", "tda_threads_tests"),
    ["--gtest_brief=1", `--gtest_output=xml:${report}`],
    {
      cwd: folder,
      env: { ...process.env, TDA_TEST_SCALE: "0.1", TSAN_OPTIONS: "halt_on_error=1" },
    },
  );
  return countsOf(code, countsFromJunit(report));
}

/** A short run of every libFuzzer target from its seed corpus; for a long one, `TDA_FUZZ_SECONDS=3600 npm test -- fuzz`. */
export async function runFuzzers({ root }) {
  const seconds = process.env.TDA_FUZZ_SECONDS ?? "30";
  await build(root, sanitizedBuild);
  const folder = join(root, "build", sanitizedBuild.name);
  const targets = readdirSync(join(folder, "bin")).filter((name) => name.endsWith("_fuzz"));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const target of targets) {
    const corpus = join(folder, "corpus", target);
    mkdirSync(corpus, { recursive: true });
    const limits = [`-max_total_time=${seconds}`, "-rss_limit_mb=2048", "-timeout=20", "-verbosity=0"];
    const code = await runSuite(join(folder, "bin", target), [corpus, ...limits], { cwd: folder });
    process.stdout.write(`${code === 0 ? "✓" : "✗"} ${target}: ${seconds} s\n`);
    counts[code === 0 ? "passed" : "failed"] += 1;
  }
  return countsOf(0, counts);
}
