// The native engine: configured and built by CMake when a source changed.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runStep } from "./console.mjs";
import { findCompiler, findGenerator, requireCmake } from "./required-tools.mjs";
import { digestOf, isStampCurrent, writeStamp } from "./stamp.mjs";

/** What a build is made from. Tests and fuzzers have builds of their own (tools/test/). */
const sources = ["CMakeLists.txt", "cmake", "include", "src", "host", "bindings"];

export async function buildEngine(root) {
  const folder = join(root, "build", "engine");
  const stamp = join(folder, ".tda-built");
  const digest = digestOf(
    [...sources.map((name) => join(root, "engine", name)), join(root, "package-lock.json")],
    process.env.CXX ?? "",
  );
  if (isStampCurrent(stamp, digest) && existsSync(join(folder, "bin", "tda-engine-host"))) return;
  const compiler = findCompiler();
  requireCmake();
  await configureAndBuild(root, "engine", "Building the engine", compiler.command, ["-DCMAKE_BUILD_TYPE=Release"]);
  writeStamp(stamp, digest);
}

/** One CMake build under build/<name>; an existing configuration is kept when its cache is. */
export async function configureAndBuild(root, name, title, compiler, defines, targets = []) {
  const folder = join(root, "build", name);
  const generator = existsSync(join(folder, "CMakeCache.txt")) ? [] : ["-G", findGenerator()];
  await runStep(`${title}: configure`, "cmake", [
    "-S",
    join(root, "engine"),
    "-B",
    folder,
    ...generator,
    `-DCMAKE_CXX_COMPILER=${compiler}`,
    ...defines,
  ]);
  await runStep(title, "cmake", [
    "--build",
    folder,
    "-j",
    String(availableParallelism()),
    ...targets.flatMap((target) => ["--target", target]),
  ]);
}
