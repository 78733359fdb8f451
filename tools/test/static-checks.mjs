// The checks that run no product code: format and lint, types, layers, unused code, generated files.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runSuite } from "./run-suite.mjs";

export async function runStaticChecks({ root, node }) {
  const bin = (name) => join(root, "node_modules", ".bin", name);
  const checks = [
    ["format and lint", bin("biome"), ["ci", "--colors=off", "."]],
    ["types", bin("tsc"), ["-p", "tsconfig.json"]],
    ["layers", bin("depcruise"), ["--config", "tools/layers.cjs", "--output-type", "err", "packages", "acceptance"]],
    ["unused code and dependencies", bin("knip"), ["--no-progress"]],
    ...generators(root).map((file) => [`generated: ${file}`, node, [join(root, "tools", "generate", file), "--check"]]),
  ];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, command, args] of checks) {
    const code = await runSuite(command, args, { cwd: root, timeoutMinutes: 5 });
    process.stdout.write(`${code === 0 ? "✓" : "✗"} ${name}\n`);
    counts[code === 0 ? "passed" : "failed"] += 1;
  }
  return counts;
}

/** Every generator has a --check that fails when its output is not what is committed. */
function generators(root) {
  return readdirSync(join(root, "tools", "generate"))
    .filter((name) => name.endsWith(".ts"))
    .sort();
}
