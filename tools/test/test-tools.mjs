// What the tests need beyond what the product needs: Debian packages and a Python environment outside the checkout.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { runStep, SetupError } from "../setup/console.mjs";
import { requireDebianPackages } from "../setup/debian-packages.mjs";
import { exclusively } from "../setup/exclusive.mjs";

const debianPackages = [
  { name: "libgtest-dev", has: () => existsSync("/usr/include/gtest/gtest.h") },
  { name: "clang-19", has: () => existsSync("/usr/bin/clang++-19") },
  { name: "valgrind", has: () => existsSync("/usr/bin/valgrind") },
  { name: "libclang-rt-19-dev", has: () => existsSync("/usr/lib/llvm-19/lib/clang/19/lib/linux") },
];

export const installDebianPackages = () => requireDebianPackages("The tests", debianPackages);

/** Caches that outlive a checkout: TDA_TOOLS_CACHE, else the user's cache folder. */
export function cacheFolder() {
  return process.env.TDA_TOOLS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tda-platform");
}

/** A virtual environment with the pinned requirements; a new one when they change. Returns its bin folder. */
export async function pythonEnvironment(requirementsFile) {
  const requirements = readFileSync(requirementsFile, "utf8");
  const python = spawnSync("python3", ["-c", "import sys, venv, ensurepip; print(sys.version)"], { encoding: "utf8" });
  if (python.status !== 0)
    throw new SetupError("The tests need Python 3 with venv, for example: apt-get install python3-venv.");
  const digest = createHash("sha256").update(python.stdout).update(requirements).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), `python-${digest}`);
  const ready = join(folder, ".ready");
  if (!existsSync(ready)) {
    await exclusively(`${folder}.lock`, async () => {
      if (!existsSync(ready)) await makePythonEnvironment(folder, requirementsFile);
    });
  }
  return join(folder, "bin");
}

async function makePythonEnvironment(folder, requirementsFile) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheFolder(), { recursive: true });
  await runStep("Making the Python environment", "python3", ["-m", "venv", folder]);
  await runStep(`Installing the packages of ${basename(requirementsFile)}`, join(folder, "bin", "pip"), [
    "install",
    "--disable-pip-version-check",
    "--only-binary",
    ":all:",
    "-r",
    requirementsFile,
  ]);
  writeFileSync(join(folder, ".ready"), "");
}
