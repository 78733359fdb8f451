// `npm test`: installs what is missing and runs every suite; `npm test -- NAME …` runs some of them.
// The last line, `N passed, N failed`, sums all runners.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installServices } from "./services/install.mjs";
import { fail, SetupError, say } from "./setup/console.mjs";
import { buildEngine } from "./setup/engine.mjs";
import { findNode, installPackages } from "./setup/packages.mjs";
import { findCompiler, findGenerator, requireCmake, requireNode } from "./setup/required-tools.mjs";
import { buildWasm } from "./setup/wasm.mjs";
import {
  runEngineTests,
  runFuzzers,
  runSanitizedEngineTests,
  runScalarEngineTests,
  runThreadedEngineTests,
} from "./test/engine-suites.mjs";
import { runInstructionCounts } from "./test/instructions-suite.mjs";
import { runPytest } from "./test/pytest-suite.mjs";
import { runStackSuite } from "./test/stack-suite.mjs";
import { runStaticChecks } from "./test/static-checks.mjs";
import { runStreamingSuite } from "./test/streaming-suite.mjs";
import { installDebianPackages } from "./test/test-tools.mjs";
import { runVitest } from "./test/vitest-suite.mjs";
import { runWasmSuite } from "./test/wasm-suite.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const suites = [
  { name: "static", title: "format, lint, types, layers, generated files", run: runStaticChecks },
  { name: "engine", title: "engine, as shipped (ctest)", run: runEngineTests },
  { name: "engine-scalar", title: "engine without vector code (ctest)", run: runScalarEngineTests },
  {
    name: "engine-sanitized",
    title: "engine under address and undefined-behaviour sanitizers (ctest)",
    run: runSanitizedEngineTests,
  },
  { name: "engine-threads", title: "engine's threads under the thread sanitizer", run: runThreadedEngineTests },
  { name: "wasm", title: "engine as WebAssembly, in Node and in a browser", run: runWasmSuite },
  { name: "fuzz", title: "fuzzers, a short run", run: runFuzzers },
  { name: "instructions", title: "instructions against the previous engine (callgrind)", run: runInstructionCounts },
  {
    name: "peers",
    title: "engine against Ripser and GUDHI (pytest)",
    run: (context) => runPytest(context, "peers", "engine/tests/peers"),
  },
  {
    name: "packages",
    title: "TypeScript packages (vitest)",
    run: async (context) => {
      await installServices();
      return runVitest(context, "packages");
    },
  },
  { name: "streaming", title: "streams on Flink (JUnit, vitest)", run: runStreamingSuite },
  {
    name: "docs",
    title: "examples in the documentation (vitest)",
    run: async (context) => {
      await buildWasm(context.root);
      return runVitest(context, "docs");
    },
  },
  {
    name: "acceptance",
    title: "black box over HTTP and the command line (vitest)",
    run: (context) => runVitest(context, "acceptance"),
  },
  {
    name: "acceptance-distributed",
    title: "black box on PostgreSQL, Redis and S3 servers (vitest)",
    run: async (context) => {
      await installServices();
      return runVitest(context, "acceptance-distributed");
    },
  },
  {
    name: "acceptance-stack",
    title: "black box of streams on Kafka, a registry and Flink (vitest)",
    run: runStackSuite,
  },
  {
    name: "schemathesis",
    title: "the OpenAPI document against the server (pytest)",
    run: (context) => runPytest(context, "schemathesis", "acceptance/openapi"),
  },
];

try {
  await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}

async function main(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new SetupError(`There is no suite ${unknown.join(", ")}; there are ${suites.map((s) => s.name).join(", ")}.`);
  }
  requireNode();
  findCompiler();
  requireCmake();
  findGenerator();
  await installPackages(root);
  await installDebianPackages();
  await buildEngine(root);
  const node = findNode(root);
  process.env.PATH = `${join(root, "node_modules", ".bin")}:${process.env.PATH}`;

  const rows = [];
  for (const suite of suites.filter(({ name }) => names.length === 0 || names.includes(name))) {
    say(`\n── ${suite.name}: ${suite.title}`);
    const startedAt = Date.now();
    const counts = await suite.run({ root, node }).catch((error) => {
      say(error instanceof SetupError ? error.message : error.stack);
      return { passed: 0, failed: 1, skipped: 0, reason: "it could not be run" };
    });
    rows.push({ ...suite, ...counts, seconds: (Date.now() - startedAt) / 1000 });
  }
  report(rows);
}

function report(rows) {
  process.stdout.write("\n");
  for (const row of rows) {
    const skipped = row.skipped ? `, ${row.skipped} skipped` : "";
    const reason = row.reason ? ` (${row.reason})` : "";
    process.stdout.write(
      `${row.failed ? "✗" : "✓"} ${row.name.padEnd(23)} ${row.passed} ok, ${row.failed} failed${skipped}${reason}, ${row.seconds.toFixed(0)} s\n`,
    );
  }
  const sum = (key) => rows.reduce((total, row) => total + (row[key] ?? 0), 0);
  process.stdout.write(`\n${sum("passed")} passed, ${sum("failed")} failed\n`);
  process.exitCode = sum("failed") > 0 ? 1 : 0;
}
