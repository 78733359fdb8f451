// What must be on the machine before anything is installed, each failure one sentence with the fix. Runs on Node 20.
import { spawnSync } from "node:child_process";
import { SetupError } from "./console.mjs";

const minimum = { node: 20, gcc: 12, clang: 19, cmake: [3, 25] };

function versionOf(command, args = ["--version"]) {
  const answer = spawnSync(command, args, { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout : null;
}

export function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < minimum.node) {
    throw new SetupError(`Node.js ${minimum.node} or newer is needed to start (found ${process.versions.node}).`);
  }
}

/** CXX if set, else the first of g++, clang++ and c++ that is new enough for C++23's std::expected. */
export function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ["g++", "clang++", "clang++-19", "c++"];
  const tooOld = [];
  for (const command of candidates) {
    const text = versionOf(command);
    if (text === null) continue;
    const isClang = /clang/i.test(text);
    const major = Number(/(\d+)\.\d+(\.\d+)?/.exec(text)?.[1] ?? 0);
    const needed = isClang ? (/apple/i.test(text) ? 16 : minimum.clang) : minimum.gcc;
    if (major >= needed) return { command, isClang, major };
    tooOld.push(`${command} ${major}`);
  }
  throw new SetupError(
    tooOld.length > 0
      ? `A newer C++ compiler is needed: GCC ${minimum.gcc}+ or Clang ${minimum.clang}+ (found ${tooOld.join(", ")}).`
      : "A C++ compiler is needed (GCC 12+ or Clang 19+), for example: apt-get install g++.",
  );
}

export function requireCmake() {
  const text = versionOf("cmake");
  if (text === null) throw new SetupError("CMake 3.25 or newer is needed, for example: apt-get install cmake.");
  const [major, minor] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  if (major < minimum.cmake[0] || (major === minimum.cmake[0] && minor < minimum.cmake[1])) {
    throw new SetupError(`CMake ${minimum.cmake.join(".")} or newer is needed (found ${major}.${minor}).`);
  }
}

/** Ninja where it is, else Make; CMake needs one of them. */
export function findGenerator() {
  if (versionOf("ninja") !== null) return "Ninja";
  if (versionOf("make") !== null) return "Unix Makefiles";
  throw new SetupError("CMake needs Ninja or Make to build with, for example: apt-get install ninja-build.");
}
