// `npm run stack`: the whole distributed platform on this machine until Ctrl-C: PostgreSQL, Redis, S3, OIDC, Kafka, the schema
// registry, Flink with our job, and servers on them. Plain JavaScript for Node 20, which may have no packages yet.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endTogether } from "./setup/child.mjs";
import { fail } from "./setup/console.mjs";
import { buildEngine } from "./setup/engine.mjs";
import { findNode, installPackages } from "./setup/packages.mjs";
import { findCompiler, findGenerator, requireCmake, requireNode } from "./setup/required-tools.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

try {
  requireNode();
  findCompiler();
  requireCmake();
  findGenerator();
  await installPackages(root);
  await buildEngine(root);
  run(findNode(root));
} catch (error) {
  fail(error);
}

function run(node) {
  const child = spawn(node, [join(root, "tools", "services", "stack", "run.ts"), ...process.argv.slice(2)], {
    // The channel tells it when this process is killed.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  endTogether(child);
}
