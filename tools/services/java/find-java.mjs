// A Java runtime of the machine that is new enough: from the environment, the path, or where systems keep them. Runs on Node 20.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** Where systems and version managers install them, each in a folder of its own. */
const parents = [
  "/usr/lib/jvm",
  "/usr/java",
  "/opt/java",
  "/Library/Java/JavaVirtualMachines",
  join(homedir(), ".sdkman", "candidates", "java"),
  join(homedir(), ".jdks"),
];

/** Home and major version of the oldest one that is new enough, as servers are tried on the versions they ask for. */
export function findJava(minimum) {
  const found = candidates()
    .map((home) => ({ home, version: versionOf(home) }))
    .filter(({ version }) => version >= minimum);
  return found.sort((one, other) => one.version - other.version)[0];
}

function candidates() {
  // JAVA_HOME, and JAVA_HOME_21_X64 and its siblings of hosted CI machines.
  const named = Object.keys(process.env).filter((name) => name === "JAVA_HOME" || name.startsWith("JAVA_HOME_"));
  const homes = named.map((name) => process.env[name]);
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const java = join(folder, "java");
    if (existsSync(java)) homes.push(dirname(dirname(realpathSync(java))));
  }
  for (const parent of parents.filter((path) => existsSync(path))) {
    for (const name of readdirSync(parent)) homes.push(join(parent, name), join(parent, name, "Contents", "Home"));
  }
  return [...new Set(homes)].filter((home) => home && existsSync(join(home, "bin", "java")));
}

function versionOf(home) {
  try {
    const release = readFileSync(join(home, "release"), "utf8");
    return major(/^JAVA_VERSION="([^"]+)"/m.exec(release)?.[1]);
  } catch {
    const { stderr } = spawnSync(join(home, "bin", "java"), ["-version"], { encoding: "utf8" });
    return major(/version "([^"]+)"/.exec(stderr ?? "")?.[1]);
  }
}

/** Java 8 calls itself 1.8. */
function major(version = "0") {
  return Number(/^(?:1\.)?(\d+)/.exec(version)?.[1] ?? 0);
}
