// The WebAssembly engine: build/wasm/tda-engine.wasm, and as ES modules for browsers tda-engine.js and tda-engine-worker.js.
// Nothing else needs it: neither `npm start` nor the other suites.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { runStep } from "./console.mjs";
import { requireDebianPackages } from "./debian-packages.mjs";
import { configureAndBuild } from "./engine.mjs";
import { findNode } from "./packages.mjs";
import { digestOf, isStampCurrent, writeStamp } from "./stamp.mjs";

const llvm = "/usr/lib/llvm-19";
const debianPackages = [
  { name: "clang-19", has: () => existsSync("/usr/bin/clang++-19") },
  { name: "lld-19", has: () => existsSync(`${llvm}/bin/wasm-ld`) },
  { name: "wasi-libc", has: () => existsSync("/usr/lib/wasm32-wasi/libc.a") },
  { name: "libc++-19-dev-wasm32", has: () => existsSync(`${llvm}/lib/wasm32-wasi/libc++.a`) },
  {
    name: "libclang-rt-19-dev-wasm32",
    has: () => existsSync(`${llvm}/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a`),
  },
];
const scripts = { "tda-engine.js": "index.ts", "tda-engine-worker.js": "worker.ts" };

/** CMake's build of it, under build/wasm-engine; the tests are another set of its targets. */
export async function buildWasmTargets(root, title, defines = [], targets = []) {
  await requireDebianPackages("The WebAssembly build", debianPackages);
  const toolchain = `-DCMAKE_TOOLCHAIN_FILE=${join(root, "engine", "cmake", "wasm32-wasi.cmake")}`;
  const options = [toolchain, "-DCMAKE_BUILD_TYPE=Release", ...defines];
  await configureAndBuild(root, "wasm-engine", title, "clang++-19", options, targets);
  return join(root, "build", "wasm-engine");
}

export async function buildWasm(root) {
  const folder = join(root, "build", "wasm");
  const stamp = join(folder, ".tda-built");
  const digest = digestOf([
    ...["CMakeLists.txt", "cmake", "include", "src", "bindings/wasm"].map((name) => join(root, "engine", name)),
    join(root, "packages", "engine", "src"),
    join(root, "package-lock.json"),
  ]);
  const outputs = ["tda-engine.wasm", ...Object.keys(scripts)];
  if (isStampCurrent(stamp, digest) && outputs.every((name) => existsSync(join(folder, name)))) return folder;
  mkdirSync(folder, { recursive: true });
  const built = await buildWasmTargets(root, "Building the WebAssembly engine", [], ["tda_wasm"]);
  copyFileSync(join(built, "bin", "tda-engine.wasm"), join(folder, "tda-engine.wasm"));
  for (const [script, entry] of Object.entries(scripts)) {
    await runStep(`Bundling ${script}`, findNode(root), [
      join(root, "node_modules", "rolldown", "bin", "cli.mjs"),
      join(root, "packages", "engine", "src", "wasm", entry),
      "--file",
      join(folder, script),
      "--format=esm",
      "--platform=browser",
    ]);
  }
  writeStamp(stamp, digest);
  return folder;
}
