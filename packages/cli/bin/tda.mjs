#!/usr/bin/env node
// Starts the command line on a Node.js that runs TypeScript. This file itself runs on Node.js 20.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const minimum = [22, 18];
const main = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "main.ts");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) {
  await import(main);
} else {
  const node = pinnedNode();
  if (node === undefined) {
    const needed = minimum.join(".");
    console.error(
      `✗ tda needs Node.js ${needed} or newer and runs on ${process.versions.node}: run "npm start" once in the repository, which brings one.`,
    );
    process.exitCode = 1;
  } else {
    runWith(node);
  }
}

/** The Node.js that the repository pins as an npm package, where it is installed. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), "bin", "node");
  } catch {
    return undefined;
  }
}

function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal signals the whole group, a supervisor only this process: the child takes repeats as one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`✗ ${node} cannot be started: ${error.message}.`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
