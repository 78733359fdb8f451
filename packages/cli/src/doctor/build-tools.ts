import { type Finding, firstLineOf } from "./check.ts";

const MINIMUM = { gcc: 12, clang: 19, appleClang: 16, cmake: [3, 25], java: 17 } as const;
const INSTALL = {
  compiler: "apt-get install g++",
  cmake: "apt-get install cmake",
  ninja: "apt-get install ninja-build",
};

/**
 * The compiler, CMake and its builder, which only building the engine needs.
 * @param isEngineBuilt what is missing is then no obstacle.
 */
export function checkBuildTools(env: Readonly<Record<string, string | undefined>>, isEngineBuilt: boolean): Finding[] {
  const status = isEngineBuilt ? "optional" : "missing";
  return [checkCompiler(env.CXX, status), checkCmake(status), checkBuilder(status)];
}

function checkCompiler(chosen: string | undefined, status: Finding["status"]): Finding {
  const name = "C++ compiler";
  const candidates = chosen ? [chosen] : ["g++", "clang++", "clang++-19", "c++"];
  const tooOld: string[] = [];
  for (const command of candidates) {
    const line = firstLineOf(command, ["--version"]);
    if (line === null) continue;
    const major = Number(/(\d+)\.\d+/.exec(line)?.[1] ?? 0);
    const isClang = /clang/i.test(line);
    const needed = isClang ? (/apple/i.test(line) ? MINIMUM.appleClang : MINIMUM.clang) : MINIMUM.gcc;
    if (major >= needed) return { name, status: "ok", detail: line };
    tooOld.push(`${command} ${major}`);
  }
  const fix = `Install GCC ${MINIMUM.gcc}+ or Clang ${MINIMUM.clang}+, for example: ${INSTALL.compiler}`;
  const detail =
    tooOld.length > 0 ? `too old: ${tooOld.join(", ")}` : chosen ? `CXX=${chosen} does not run` : "none found";
  return { name, status, detail, fix };
}

function checkCmake(status: Finding["status"]): Finding {
  const name = "CMake";
  const [major, minor] = MINIMUM.cmake;
  const fix = `Install CMake ${major}.${minor} or newer, for example: ${INSTALL.cmake}`;
  const line = firstLineOf("cmake", ["--version"]);
  if (line === null) return { name, status, detail: "not found", fix };
  const found = (/(\d+)\.(\d+)/.exec(line) ?? []).slice(1).map(Number);
  const isNewEnough = (found[0] ?? 0) > major || (found[0] === major && (found[1] ?? 0) >= minor);
  return isNewEnough ? { name, status: "ok", detail: line } : { name, status, detail: `${line} is too old`, fix };
}

function checkBuilder(status: Finding["status"]): Finding {
  const name = "Ninja or Make";
  const ninja = firstLineOf("ninja", ["--version"]);
  if (ninja !== null) return { name, status: "ok", detail: `ninja ${ninja}` };
  const make = firstLineOf("make", ["--version"]);
  if (make !== null) return { name, status: "ok", detail: make };
  return { name, status, detail: "neither found", fix: `Install one, for example: ${INSTALL.ninja}` };
}

/** For the stream engine of later releases. */
export function checkJava(): Finding {
  const name = "Java (for streams)";
  const line = firstLineOf("java", ["-version"]);
  const fix = `Nothing needs it yet; streams will need a JDK ${MINIMUM.java} or newer.`;
  if (line === null) return { name, status: "optional", detail: "not found", fix };
  const major = Number(/"?(\d+)[.\d]*"?/.exec(line)?.[1] ?? 0);
  return major >= MINIMUM.java ? { name, status: "ok", detail: line } : { name, status: "optional", detail: line, fix };
}
