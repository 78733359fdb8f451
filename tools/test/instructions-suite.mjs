// The engine's instructions, counted by callgrind on small inputs, against the engine before its last change: a case that
// needs over 10 % more fails, unless bench/instruction-allowance.json says why. Counts do not depend on the machine's load.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { runStep, say } from "../setup/console.mjs";
import { findCompiler, findGenerator } from "../setup/required-tools.mjs";
import { cacheFolder } from "./test-tools.mjs";

const allowedGrowth = 1.1;
/** What an engine is made from. */
const sources = ["engine/CMakeLists.txt", "engine/cmake", "engine/include", "engine/src"];
const allowanceFile = "bench/instruction-allowance.json";

export async function runInstructionCounts({ root }) {
  const base = previousEngine(root);
  if (base === undefined) return notCompared("the history here has no earlier engine");
  const folder = mkdtempSync(join(tmpdir(), "tda-instructions-"));
  try {
    const built = { include: join(root, "engine", "include"), library: join(root, "build", "engine", "lib") };
    const now = await buildProgram(root, folder, "now", built);
    const before = await buildProgram(root, folder, "before", await buildPrevious(root, base));
    say(`against ${base.slice(0, 12)}`);
    return compare(casesOf(now), now, before, newAllowances(root, base));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function notCompared(reason) {
  return { passed: 0, failed: 0, skipped: 1, reason };
}

/** The commit whose engine came before this one: HEAD when the work tree changes it, else the parent of its last change. */
function previousEngine(root) {
  const git = (...args) => spawnSync("git", ["-C", root, ...args], { encoding: "utf8" });
  if (process.env.TDA_INSTRUCTIONS_BASE) {
    return (
      git("rev-parse", "--verify", "-q", `${process.env.TDA_INSTRUCTIONS_BASE}^{commit}`).stdout.trim() || undefined
    );
  }
  const status = git("status", "--porcelain", "--", ...sources);
  if (status.status !== 0) return undefined;
  if (status.stdout !== "") return git("rev-parse", "HEAD").stdout.trim();
  const last = git("log", "-1", "--format=%H", "--", ...sources).stdout.trim();
  return git("rev-parse", "--verify", "-q", `${last}^{commit}^`).stdout.trim() || undefined;
}

/** An older engine's headers and shared library, built once for these sources and this compiler. */
async function buildPrevious(root, commit) {
  const compiler = findCompiler().command;
  const tree = spawnSync("git", ["-C", root, "ls-tree", commit, ...sources], { encoding: "utf8" }).stdout;
  const version = spawnSync(compiler, ["--version"], { encoding: "utf8" }).stdout;
  const key = createHash("sha256").update(tree).update(version).digest("hex").slice(0, 16);
  const kept = join(cacheFolder(), `engine-${key}`);
  const built = { include: join(kept, "include"), library: kept };
  if (existsSync(join(kept, "libtda.so"))) return built;

  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), "building-"));
  try {
    const archive = join(work, "engine.tar");
    const build = join(work, "build");
    await runStep("Fetching the previous engine", "git", ["-C", root, "archive", "-o", archive, commit, ...sources]);
    await runStep("Unpacking the previous engine", "tar", ["-xf", archive, "-C", work]);
    const flags = ["-DCMAKE_BUILD_TYPE=Release", "-DTDA_BUILD_HOST=OFF", "-DTDA_BUILD_NODE=OFF"];
    await runStep("Building the previous engine: configure", "cmake", [
      ...["-S", join(work, "engine"), "-B", build, "-G", findGenerator(), `-DCMAKE_CXX_COMPILER=${compiler}`],
      ...flags,
    ]);
    const parallel = String(availableParallelism());
    await runStep("Building the previous engine", "cmake", ["--build", build, "-j", parallel, "--target", "tda"]);
    const done = join(work, "done");
    cpSync(join(work, "engine", "include"), join(done, "include"), { recursive: true });
    copyFileSync(join(build, "lib", "libtda.so"), join(done, "libtda.so"));
    rmSync(kept, { recursive: true, force: true });
    renameSync(done, kept);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return built;
}

/** The same program against one engine; it is compiled with that engine's own header. */
async function buildProgram(root, folder, name, { include, library }) {
  const program = join(folder, name);
  const source = join(root, "engine", "bench", "instructions.cpp");
  await runStep(`Building the counted program: ${name}`, findCompiler().command, [
    ...["-std=c++23", "-O2", "-I", include, source, join(library, "libtda.so"), `-Wl,-rpath,${library}`, "-o", program],
  ]);
  return program;
}

function casesOf(program) {
  return spawnSync(program, [], { encoding: "utf8" }).stdout.trim().split("\n");
}

/** Instructions of the call alone, not of making its input; undefined when the program failed. */
function countInstructions(program, name) {
  const options = ["--tool=callgrind", "--toggle-collect=tda_vietoris_rips", "--callgrind-out-file=/dev/null"];
  const run = spawnSync("valgrind", [...options, program, name], { encoding: "utf8" });
  const collected = Number(/Collected\s*:\s*(\d+)/.exec(run.stderr)?.[1] ?? 0);
  return run.status === 0 && collected > 0 ? { collected, bars: run.stdout.trim() } : undefined;
}

/** Allowances hold for the change that adds them: what the earlier commit already had is spent. */
function newAllowances(root, base) {
  const parse = (text) => new Map(Object.entries(JSON.parse(text)));
  const now = parse(readFileSync(join(root, allowanceFile), "utf8"));
  const before = spawnSync("git", ["-C", root, "show", `${base}:${allowanceFile}`], { encoding: "utf8" });
  const spent = before.status === 0 ? parse(before.stdout) : new Map();
  return new Map([...now].filter(([name, value]) => JSON.stringify(spent.get(name)) !== JSON.stringify(value)));
}

function compare(names, now, before, allowances) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const mine = countInstructions(now, name);
    const other = countInstructions(before, name);
    const allowance = allowances.get(name);
    let mark = "✓";
    let text = "";
    if (mine === undefined) {
      mark = "✗";
      text = "the engine failed";
    } else if (other === undefined) {
      mark = "–";
      text = "the previous engine cannot run it";
    } else {
      const growth = mine.collected / other.collected;
      text = `${millions(other)} → ${millions(mine)} million instructions, × ${growth.toFixed(3)}`;
      if (mine.bars !== other.bars) {
        mark = "✗";
        text += `, and other bars: ${other.bars} → ${mine.bars}`;
      } else if (growth > (allowance?.factor ?? allowedGrowth)) {
        mark = "✗";
      } else if (growth > allowedGrowth) {
        text += `, allowed: ${allowance.reason}`;
      }
    }
    process.stdout.write(`${mark} ${name}: ${text}\n`);
    counts[mark === "✓" ? "passed" : mark === "✗" ? "failed" : "skipped"] += 1;
  }
  if (counts.failed > 0)
    say(`A case may grow by ${Math.round((allowedGrowth - 1) * 100)} %; ${allowanceFile} takes exceptions.`);
  return counts;
}

const millions = ({ collected }) => (collected / 1e6).toFixed(2);
