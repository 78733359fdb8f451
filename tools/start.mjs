// `npm start`: installs, builds and starts the platform. Plain JavaScript for Node 20, which may have no packages yet.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endTogether } from "./setup/child.mjs";
import { fail } from "./setup/console.mjs";
import { buildEngine } from "./setup/engine.mjs";
import { findNode, installPackages } from "./setup/packages.mjs";
import { findCompiler, findGenerator, requireCmake, requireNode } from "./setup/required-tools.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/**
 * Node lets the space of new objects grow to 128 MiB, by the machine's memory. What a request makes is gone with it: at 16 MiB
 * a server is as fast, and takes 100 MiB less.
 */
const nodeOptions = ["--max-semi-space-size=8"];
const usesNativeEngine = process.env.FEATURE_MOCK_CPP_ENGINE !== "true";

try {
  requireNode();
  if (usesNativeEngine) {
    findCompiler();
    requireCmake();
    findGenerator();
  }
  await installPackages(root);
  if (usesNativeEngine) await buildEngine(root);
  serve(findNode(root));
} catch (error) {
  fail(error);
}

function serve(node) {
  const main = join(root, "packages", "cli", "src", "main.ts");
  const child = spawn(node, [...nodeOptions, main, "serve", ...process.argv.slice(2)], {
    // The channel tells the server when this process is killed.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    // Compiled modules are kept: a second start takes half of the processor time.
    // Few arenas of the C allocator: what helper threads free in theirs would stay with the process.
    env: { NODE_COMPILE_CACHE: join(root, "build", "node-compile-cache"), MALLOC_ARENA_MAX: "2", ...process.env },
  });
  endTogether(child);
}
