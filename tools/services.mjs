// `npm run services [-- NAME …] [--save FILE]`: PostgreSQL, Redis, an S3 server and an OIDC issuer until Ctrl-C, with the
// settings of a server that uses them. Plain JavaScript for Node 20, which may have no packages yet.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endTogether } from "./setup/child.mjs";
import { fail } from "./setup/console.mjs";
import { findNode, installPackages } from "./setup/packages.mjs";
import { requireNode } from "./setup/required-tools.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

try {
  requireNode();
  await installPackages(root);
  run(findNode(root));
} catch (error) {
  fail(error);
}

function run(node) {
  const child = spawn(node, [join(root, "tools", "services", "run.ts"), ...process.argv.slice(2)], {
    // The channel tells it when this process is killed.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  endTogether(child);
}
