// `npm run bench -- NAME [options]`: one benchmark of bench/, on the built engine, in the pinned Node or Python.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, SetupError } from "./setup/console.mjs";
import { buildEngine } from "./setup/engine.mjs";
import { findNode, installPackages } from "./setup/packages.mjs";
import { buildWasm } from "./setup/wasm.mjs";
import { pythonEnvironment } from "./test/test-tools.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const requirements = join(root, "tools", "python", "requirements-bench.txt");

try {
  const [name, ...options] = process.argv.slice(2);
  const names = readdirSync(join(root, "bench"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "results")
    .map((entry) => entry.name);
  if (!names.includes(name)) throw new SetupError(`Say which benchmark: npm run bench -- ${names.join(" | ")}`);
  await installPackages(root);
  await buildEngine(root);
  if (name === "wasm") await buildWasm(root);
  const python = join(root, "bench", name, "run.py");
  const [command, script] = existsSync(python)
    ? [join(await pythonEnvironment(requirements), "python"), python]
    : [findNode(root), join(root, "bench", name, "run.ts")];
  process.exitCode = spawnSync(command, [script, ...options], { cwd: root, stdio: "inherit" }).status ?? 1;
} catch (error) {
  fail(error);
}
